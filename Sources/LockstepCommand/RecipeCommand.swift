import ArgumentParser
import Foundation
import Lockstep

struct RecipeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recipe", abstract: "Look at a recipe without training, and look up its keys.",
    subcommands: [Check.self, RecipeExplainCommand.self])

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read a recipe, its data and its model; say what a run would do, and what it would leave undone.")

    @Argument(help: "The recipe, a YAML file.")
    var recipe: String

    @Option(name: .customLong("set"), help: "Overrides a key of the recipe: key.path=value. May be repeated.")
    var overrides: [String] = []

    @Flag(help: "List every parameter with its shape, and whether it is trained at first.")
    var parameters = false

    func run() throws {
      try reportingFailure {
        let document = try RecipeDocument(contentsOfFile: recipe, overrides: overrides)
        let assembly = try Assembly(Recipe(document), threads: 1)
        for note in assembly.notes { print("warning: \(note)") }
        let summary = RecipeSummary(assembly)
        print(summary.text)
        if parameters { print(summary.parameters) }
      }
    }
  }
}

/// What a run of a recipe would do, in lines.
struct RecipeSummary {
  private let assembly: Assembly

  init(_ assembly: Assembly) { self.assembly = assembly }

  var text: String {
    let parts = assembly.parts
    let plan = parts.plan
    let validation = parts.validation.map { "\($0.rowCount) to validate" } ?? "none to validate"
    let epochs = Double(assembly.settings.totalSteps) / Double(max(1, plan.stepsPerEpoch))
    let lines = [
      "rows: \(parts.dataset.rowCount) to train, \(validation)",
      "steps: \(assembly.settings.totalSteps), \(plan.stepsPerEpoch) an epoch, \(String(format: "%g", (epochs * 100).rounded() / 100)) epochs",
      "model: \(parts.state.parameters.count) parameters, \(Freezing([], of: parts.state).total) weights, \(parts.model.labels) labels",
    ]
    return (lines + freezing).joined(separator: "\n")
  }

  /// A line for each stretch of steps with the same frozen parts.
  private var freezing: [String] {
    guard let paths = assembly.parts.frozenPaths else { return ["frozen: nothing"] }
    var lines: [String] = []
    var last: [String]?
    for step in 0..<assembly.settings.totalSteps where paths(step) != last {
      last = paths(step)
      assembly.parts.state.freeze(paths(step))
      lines.append("frozen from step \(step + 1): \(Freezing(paths(step), of: assembly.parts.state))")
    }
    return lines
  }

  var parameters: String {
    assembly.parts.state.freeze(assembly.parts.frozenPaths?(0) ?? [])
    return assembly.parts.state.parameters.map { parameter in
      "\(parameter.isFrozen ? "frozen " : "trained")  \(parameter.name)  \(parameter.shape)"
    }.joined(separator: "\n")
  }
}
