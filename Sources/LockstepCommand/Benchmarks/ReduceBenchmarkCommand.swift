import ArgumentParser
import Lockstep

struct ReduceBenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reduce",
    abstract: "Sums over ranks beside a bare socket that carries as many bytes, under mpirun or with threads as ranks.",
    discussion: """
        lockstep benchmark reduce --bytes 1048576 --bytes 26214400
        mpirun -n 2 --bind-to none lockstep benchmark reduce --links tcp
      """)

  @Option(help: "Without a launcher: how many threads act as ranks.")
  var ranks = 2

  @Option(help: "ring, ordered, hierarchical or mpi.")
  var reduction = Recipe.Reduction.Kind.ring

  enum Links: String, CaseIterable, ExpressibleByArgument { case memory, tcp }

  @Option(help: "What ranks of one host sum through: memory or tcp.")
  var links = Links.memory

  @Option(help: "Bytes of the vector; several may be given. From 4 KiB to 91 MiB if left out.")
  var bytes: [Int] = []

  @Option(help: "Rounds, of which the median counts.")
  var rounds = 5

  func validate() throws {
    if ranks < 2 { throw ValidationError("\(ranks) ranks have nothing to sum; give at least 2") }
    for size in bytes where size < 4 { throw ValidationError("\(size) bytes hold no number; give 4 or more") }
  }

  func run() throws {
    try reportingFailure {
      var options = LaunchedGroup.Options()
      options.settings.sharesMemory = links == .memory
      let launched = try LaunchedGroup.join(options)
      if launched.size > 1 { return try measure(launched) }
      let groups = try MemoryGroup.make(size: ranks, links: links == .tcp ? .loopback : .sharedMemory)
      try RankThreads.run(groups) { try measure($0) }
    }
  }

  private func measure(_ group: any Group) throws {
    let group = try Recipe.Reduction(reduction).group(over: group)
    let sizes = bytes.isEmpty ? ReduceBenchmark.sizes : bytes
    try ReduceBenchmark(group, reduction: reduction).run(sizes: sizes, rounds: max(1, rounds)) { figures in
      try JSONLine.tell([
        ("benchmark", .string("reduce")), ("links", .string(links.rawValue)),
        ("reduction", .string(reduction.rawValue)),
        ("ranks", .integer(figures.ranks)), ("bytes", .integer(figures.bytes)),
        ("microseconds", .number(figures.sum * 1e6)), ("gigabytes_per_second", .number(figures.rate / 1e9)),
        ("bus_gigabytes_per_second", .number(figures.busRate / 1e9)),
        ("raw_gigabytes_per_second", .number(figures.exchangeRate / 1e9)), ("share_of_raw", .number(figures.share)),
      ])
    }
    try group.leave()
  }
}
