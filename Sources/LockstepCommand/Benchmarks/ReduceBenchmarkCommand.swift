import ArgumentParser
import Lockstep

struct ReduceBenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reduce",
    abstract: "Measure sums over ranks, next to a bare socket that carries as many bytes.",
    discussion: """
        lockstep benchmark reduce --bytes 1048576 --bytes 26214400
        mpirun -n 2 --bind-to none lockstep benchmark reduce --links tcp
      """)

  @Option(help: "Use this many threads as ranks, where no launcher started the program.")
  var ranks = 2

  @Option(help: "Sum by ring, ordered, hierarchical or mpi.")
  var reduction = Recipe.Reduction.Kind.ring

  enum Links: String, CaseIterable, ExpressibleByArgument { case memory, tcp }

  @Option(help: "Connect ranks of one host by memory or tcp.")
  var links = Links.memory

  @Option(help: "Sum this many bytes; may be repeated. From 4 KiB to 91 MiB by default.")
  var bytes: [Int] = []

  @Option(help: "Report the median of this many rounds.")
  var rounds = 5

  func validate() throws {
    if ranks < 2 { throw ValidationError("--ranks \(ranks) leaves nothing to sum; give 2 or more") }
    for size in bytes where size < 4 {
      throw ValidationError("--bytes \(size) is less than one number; give 4 or more")
    }
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
      try JSONLine.report([
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
