import Console
import Foundation
import Recipes
import Runs
import Support
import Training

extension StartBanner {
  /// What a run of these parts is about to do.
  package init(_ assembly: RunAssembly, ranks: Int, output: String) {
    let parts = assembly.parts
    self.init()
    (rows, validationRows) = (parts.dataset.rowCount, parts.validation?.rowCount)
    (targets, classes) = (assembly.targets.text, assembly.classes.map { ($0.name, $0.rows) })
    // The parts that are frozen in the first step; others may follow.
    parts.state.freeze(parts.frozenPaths?(0) ?? [])
    let freezing = Freezing([], of: parts.state)
    (trainedWeights, frozenWeights) = (freezing.total - freezing.frozen, freezing.frozen)
    (totalSteps, stepsPerEpoch) = (assembly.settings.totalSteps, max(1, parts.plan.stepsPerEpoch))
    (batch, microbatch) = (assembly.recipe.batch.size, assembly.recipe.batch.microbatch)
    (self.ranks, threads) = (ranks, assembly.engine.workers.count)
    precision = assembly.recipe.precision.rawValue
    if assembly.recipe.numerics == .library { kernels = MachineFacts.here.openBLASKernel }
    self.output = output
  }
}

extension StartBanner {
  /// What the banner says, and what else a page about the run is asked for, for the line of the start in `history.jsonl`.
  ///
  /// - Parameters:
  ///   - hosts: of each rank.
  ///   - version: of the program.
  package func facts(of assembly: RunAssembly, hosts: [String], version: String) -> JSONLine {
    let (settings, task, recipe) = (assembly.settings, assembly.parts.task, assembly.recipe)
    let best = settings.best(of: task)
    let isLargerBetter = settings.measures(of: task).first { $0.name == best }?.isLargerBetter ?? false
    return .object([
      ("version", .string(version)), ("command", .string(Self.command)),
      ("directory", .string(FileManager.default.currentDirectoryPath)), ("model", .string(Self.model(recipe))),
      ("task", .string(type(of: task).kind)), ("hosts", .array(hosts.map(JSONLine.string))),
      ("ranks", .integer(ranks)), ("threads", .integer(threads)), ("precision", .string(precision)),
      ("kernels", .string(kernels)), ("reduction", .string(recipe.reduction.description)), ("rows", .integer(rows)),
      ("validation_rows", validationRows.map(JSONLine.integer) ?? .null), ("targets", .string(targetText)),
      ("trained_weights", .integer(trainedWeights)), ("frozen_weights", .integer(frozenWeights)),
      ("steps_per_epoch", .integer(stepsPerEpoch)), ("batch", .integer(batch)), ("microbatch", .integer(microbatch)),
      ("best_metric", .string(best)), ("larger_is_better", .boolean(isLargerBetter)),
    ])
  }

  /// As it would be typed, the program by its name.
  private static var command: String {
    let words = ["lockstep"] + CommandLine.arguments.dropFirst()
    return words.map(quoted).joined(separator: " ")
  }

  private static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy { byte in
        byte > 0x7F || UnicodeScalar(byte).properties.isAlphabetic || "0123456789-_=+,./:@%^".utf8.contains(byte)
      }
    return isPlain ? word : "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
  }

  /// Where its weights are from, or how large it is.
  private static func model(_ recipe: Recipe) -> String {
    if let folder = recipe.values["model.from"] { return folder }
    func size(_ key: String) -> Int? {
      recipe.values["model.configuration.\(key)"].flatMap(Double.init).flatMap(Int.init(exactly:))
    }
    let sizes = [size("num_hidden_layers").map { $0.of("layer") }, size("hidden_size").map { "\($0) wide" }]
    let kind = recipe.values["model.configuration.model_type"] ?? recipe.values["model.kind"]
    return ([kind, "random weights"] + sizes).compactMap(\.self).joined(separator: ", ")
  }
}
