import ArgumentParser
import Console
import Foundation
import Lockstep

struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Predict how long a recipe's steps take on a cluster, from what this machine is measured to need.",
    discussion: """
      Eight machines with 10 Gbit/s between them, and a batch that grows with the ranks:
        lockstep simulate --recipe recipe.yaml --ranks 8 --bandwidth 10Gbit
        lockstep simulate --recipe recipe.yaml --ranks 1024 --per-host 2 --weak
      """)

  @Option(help: "The recipe, a YAML file.")
  var recipe: String

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Overrides a key of the recipe: key.path=value. May be repeated.", valueName: "key.path=value"))
  var overrides: [String] = []

  @Option(help: "Up to how many ranks; powers of two below it are shown too.")
  var ranks = 8

  @Option(help: "Ranks of one host.")
  var perHost = 1

  @Option(help: "Cores of a host; those of this machine if left out.")
  var cores: Int?

  @Option(
    help: "Of a host's network, each way: 10Gbit, 100Mbit, 1.2GB. Left out: as fast as this machine's loopback.",
    transform: { try Rate($0) })
  var bandwidth: Rate?

  @Option(help: "A message's way between hosts: 50us, 1ms.", transform: { try Duration($0) })
  var latency = Duration(seconds: 0)

  @Option(help: "Steps between two sums of weights, for the column of sums that are not made every step.")
  var every = 16

  @Flag(help: "The global batch grows with the ranks; otherwise it is the recipe's, whatever their number.")
  var weak = false

  @Option(help: "Steps that are measured here, three times each.")
  var steps = 20

  @Flag(help: "Print JSON lines.")
  var json = false

  func validate() throws {
    for (name, value) in [("--ranks", ranks), ("--per-host", perHost), ("--every", every), ("--steps", steps)]
    where !(1...1 << 20 ~= value) { throw ValidationError("\(name) \(value): give a number from 1 to \(1 << 20)") }
    if let cores, cores < 1 { throw ValidationError("--cores \(cores): give 1 or more") }
  }

  func run() throws {
    try reportingFailure {
      let recipe = try Recipe(RecipeDocument(contentsOfFile: recipe, overrides: overrides))
      let threads = recipe.threads ?? 1
      let measurement = try ForecastMeasurement(recipe, threads: threads, steps: steps)
      var profile = try measurement.profile()
      let costs = try ForecastMeasurement.costs(
        bytes: profile.gradientBytes, bandwidth: bandwidth?.bytesPerSecond, latency: latency.seconds)
      if min(ranks, perHost) * threads > cores ?? Processor.usableCores {
        profile.crowdingSeconds = try crowding(profile, costs, recipe.reduction, threads: threads)
      }
      if !json { try StandardOutput.print(heading(profile, costs)) }
      for count in counts {
        let layout = ClusterLayout(
          ranks: count, ranksPerHost: perHost, coresPerHost: cores ?? Processor.usableCores, threads: threads)
        let forecasts = Self.methods(every).map { name, method in
          (name, StepForecast(profile, costs, on: layout, by: method, isWeak: weak))
        }
        try StandardOutput.print(json ? Self.line(forecasts).description : Self.row(forecasts))
      }
      // A batch that grows with the ranks has microbatches for all of them.
      if !json, !weak, let idle = IdleRanks(recipe.batch, groupSize: ranks) {
        try StandardOutput.print("\nwarning: \(idle)")
      }
    }
  }

  /// From a run on twice as many ranks as this machine has cores: they are processes, as those of a run are, since threads of one
  /// process change places faster.
  private func crowding(
    _ profile: StepProfile, _ costs: NetworkCosts, _ reduction: Recipe.Reduction, threads: Int
  ) throws -> Double {
    let cores = Processor.usableCores
    let ranks = max(2, 2 * cores / threads)
    let layout = ClusterLayout(ranks: ranks, ranksPerHost: ranks, coresPerHost: cores, threads: threads)
    let settings = ["threads=\(threads)", "reduction={kind: ring, overlap: \(reduction.overlap ?? false)}"]
    let run = LocalRanks(recipe: recipe, overrides: overrides + settings, ranks: ranks)
    let rounds = try (0..<ForecastMeasurement.rounds).map { _ in try run.secondsOfStep(steps: steps) }
    let measured = rounds.reduce(0, +) / Double(rounds.count)
    return ForecastMeasurement.crowding(profile, costs, on: layout, measured: measured)
  }

  private var counts: [Int] {
    var counts = [1]
    while let last = counts.last, last < ranks { counts.append(min(ranks, last * 2)) }
    return counts
  }

  private static func methods(_ every: Int) -> [(String, StepForecast.Method)] {
    ReductionForecast.kinds.map { ($0.rawValue, .sums($0)) } + [("every \(every)", .every(every))]
  }

  private func heading(_ profile: StepProfile, _ costs: NetworkCosts) -> String {
    let work = String(
      format: "%.2f ms a microbatch of %d rows (%.2f beside another rank), %.2f ms an update, %.2f ms of packing;\n"
        + "               %.2f MB summed a step, %.2f MB of weights",
      profile.microbatchSeconds.alone * 1e3, profile.rowsOfMicrobatch, profile.microbatchSeconds.beside * 1e3,
      profile.updateSeconds * 1e3, profile.packingSeconds * 1e3,
      Double(profile.gradientBytes) / 1e6, Double(profile.weightBytes) / 1e6)
    let links = String(
      format: "%.1f us a message, %.2f GB/s over links, %.2f GB/s in shared memory", costs.messageWork * 1e6,
      1e-9 / max(costs.byteWork, costs.wireByte), 1e-9 / costs.sharedByte)
    let names = Self.methods(every).map { Self.cell($0.0) }.joined()
    return "measured here: \(work)\n               \(links)\n\n"
      + "milliseconds a step, and share of perfect speed-up:\n  ranks\(names)"
  }

  private static func row(_ forecasts: [(String, StepForecast)]) -> String {
    let count = String(forecasts[0].1.ranks)
    return String(repeating: " ", count: max(0, 7 - count.count)) + count
      + forecasts.map { cell(String(format: "%.2f %3.0f %%", $1.seconds * 1e3, $1.efficiency * 100)) }.joined()
  }

  private static func cell(_ text: String) -> String {
    String(repeating: " ", count: max(1, 18 - text.count)) + text
  }

  private static func line(_ forecasts: [(String, StepForecast)]) -> JSONLine {
    .object(
      [("ranks", .integer(forecasts[0].1.ranks)), ("compute_ms", .number(forecasts[0].1.computeSeconds * 1e3))]
        + forecasts.map { name, forecast in
          (
            name.replacingOccurrences(of: " ", with: "_"),
            .object([
              ("step_ms", .number(forecast.seconds * 1e3)), ("reduction_ms", .number(forecast.reductionSeconds * 1e3)),
              ("samples_per_second", .number(forecast.samplesPerSecond)), ("efficiency", .number(forecast.efficiency)),
            ])
          )
        })
  }
}

extension SimulateCommand {
  /// A number with one of several units behind it.
  private static func value(_ text: String, units: [(String, Double)]) -> Double? {
    for (unit, factor) in units where text.hasSuffix(unit) {
      guard let number = Double(text.dropLast(unit.count)), number.isFinite, number >= 0 else { return nil }
      return number * factor
    }
    return nil
  }

  struct Rate {
    let bytesPerSecond: Double

    init(_ text: String) throws {
      let units = [("Gbit", 1e9 / 8), ("Mbit", 1e6 / 8), ("GB", 1e9), ("MB", 1e6)]
      guard let rate = SimulateCommand.value(text, units: units), rate > 0 else {
        throw ValidationError("\(text) is not a rate; give such as 10Gbit, 100Mbit or 1.2GB")
      }
      bytesPerSecond = rate
    }
  }

  struct Duration: CustomStringConvertible {
    let seconds: Double
    var description: String { "\(seconds)s" }

    init(seconds: Double) { self.seconds = seconds }

    init(_ text: String) throws {
      guard let seconds = SimulateCommand.value(text, units: [("us", 1e-6), ("ms", 1e-3), ("s", 1)]) else {
        throw ValidationError("\(text) is not a time; give such as 50us or 1ms")
      }
      self.seconds = seconds
    }
  }
}
