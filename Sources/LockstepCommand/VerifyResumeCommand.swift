import ArgumentParser
import Console
import Foundation
import Lockstep
import Support

struct VerifyResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify-resume",
    abstract: "Run a recipe through, and killed, stopped and resumed on other numbers of ranks, and compare the bits.",
    discussion: """
        lockstep verify-resume recipe.yaml --set reduction=ordered --schedules 5

      Runs in one process first, then by random schedules under mpirun, or in one process where there is none. What is \
      compared is the weights, all models that are written, and the ledger: every step's samples, loss and gradient norm, \
      and the moments at its comparisons. Exit status 76: the bits differ.
      """)

  @Argument(help: "The recipe, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
  var recipe: String

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Overrides a key of the recipe: key.path=value. May be repeated.", valueName: "key.path=value"))
  var overrides: [String] = []

  @Option(help: "Steps of each run.")
  var steps = 20

  @Option(help: "How often a run is cut, at most.")
  var cuts = 3

  @Option(help: "How many schedules are tried.")
  var schedules = 5

  @Option(help: "The numbers of ranks that are drawn from, with commas.")
  var ranks = "1,2,4"

  @Option(help: "Of the schedules; the recipe has its own.")
  var seed: UInt64 = 2021

  @Option(help: "An empty folder for the runs, kept; a temporary one by default, kept if the bits differ.")
  var output: String?

  func run() throws {
    try reportingFailure {
      let folder = output ?? FileManager.default.temporaryDirectory.path + "/lockstep-verify-\(UUID().uuidString)"
      try RunDirectory(path: folder).create()
      let launcher = ChildRun.launcher
      let counts = try rankCounts(hasLauncher: launcher != nil)
      try prepare(folder + "/recipe.yaml", ranks: counts)
      let through = try RunBits(ChildRun(folder: folder, output: "through", launcher: launcher).runThrough())
      try StandardOutput.print("through, in one process: \(through)")
      var differing = 0
      for index in 0..<schedules {
        let schedule = ResumeSchedule.random(seed: seed, index: index, steps: steps, cuts: cuts, ranks: counts)
        let child = ChildRun(folder: folder, output: "schedule-\(index + 1)", launcher: launcher)
        let bits = try RunBits(child.run(schedule))
        if bits != through { differing += 1 }
        try StandardOutput.print(
          "schedule \(index + 1): \(schedule): \(bits), \(bits == through ? "the same" : "DIFFERENT")")
      }
      guard differing == 0 else { throw VerifyResumeError.differs(schedules: differing, folder: folder) }
      if output == nil { try? FileManager.default.removeItem(atPath: folder) }
    }
  }

  private func rankCounts(hasLauncher: Bool) throws -> [Int] {
    let counts = ranks.split(separator: ",").compactMap { Int($0) }
    guard !counts.isEmpty, counts.allSatisfy({ 1...1024 ~= $0 }), counts.count == ranks.split(separator: ",").count,
      steps > 0, cuts >= 0, schedules > 0
    else {
      throw RecipeError(
        source: "verify-resume", key: "--ranks \(ranks) --steps \(steps) --cuts \(cuts) --schedules \(schedules)",
        problem: "are not all whole numbers of at least 1; give such as --ranks 1,2,4")
    }
    if hasLauncher || counts == [1] { return counts }
    try StandardOutput.print("no mpirun in PATH: all runs are of one process")
    return [1]
  }

  /// Writes the recipe that all runs follow: so many steps, and checkpoints on the way.
  private func prepare(_ path: String, ranks: [Int]) throws {
    var document = try RecipeDocument(
      contentsOfFile: recipe, overrides: overrides + ["epochs=null", "steps=\(steps)"])
    var wanted = try Recipe(document)
    if wanted.checkpoint.every == nil {
      // The section may say that there is to be none.
      try document.set("checkpoint={every: \(max(1, steps / 4)), keep: \(wanted.checkpoint.keep)}")
      wanted = try Recipe(document)
    }
    if let equal = wanted.reduction.equalRanks, let many = ranks.first(where: { $0 > equal }) {
      throw RecipeError(
        source: recipe, key: "reduction",
        problem: "is \(wanted.reduction), which gives other bits on \(many) ranks; add --set reduction=ordered, or"
          + " --ranks \((1...equal).map(String.init).joined(separator: ","))")
    }
    try AtomicFile.write(document.canonicalText, to: path)
  }
}

/// The results of a finished run, as far as its files show them.
private struct RunBits: Equatable, CustomStringConvertible {
  let weights: String
  let ledger: String
  /// SHA-256 of each model's tensor data, by name.
  let models: [String: String]

  init(_ directory: RunDirectory) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path + "/models")
      .filter { !$0.hasPrefix(".") }.sorted()
    models = try Dictionary(
      uniqueKeysWithValues: names.map { ($0, try sha256OfTensorData(directory.model($0) + "/model.safetensors")) })
    weights = models["last"] ?? ""
    ledger = try sha256(ofFile: directory.ledger)
  }

  var description: String {
    let others = models.filter { $0.key != "last" }.sorted { $0.key < $1.key }
    let pairs = [("weights", weights), ("ledger", ledger)] + others.map { ($0.key, $0.value) }
    return pairs.map { "\($0.0) \($0.1.prefix(16))" }.joined(separator: ", ")
  }
}
