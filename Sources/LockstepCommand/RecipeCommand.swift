import ArgumentParser
import Console
import Foundation
import Lockstep

struct RecipeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recipe", abstract: "Look at a recipe without training, and look up its keys.",
    discussion: """
        lockstep recipe check recipe.yaml --parameters
        lockstep recipe explain optimizer
      """,
    subcommands: [Check.self, RecipeExplainCommand.self])

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read a recipe, its data and its model; say what a run would do, and what it would leave undone.",
      discussion: """
          lockstep recipe check recipe.yaml
          lockstep recipe check recipe.yaml --set batch.size=64 --parameters
          lockstep recipe check recipe.yaml --json
        """)

    @Argument(help: "The recipe, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
    var recipe: String

    @Option(
      name: .customLong("set"),
      help: ArgumentHelp("Overrides a key of the recipe: key.path=value. May be repeated.", valueName: "key.path=value")
    )
    var overrides: [String] = []

    @Flag(help: "List every parameter with its shape, and whether it is trained at first.")
    var parameters = false

    @Flag(help: "One JSON object; with --parameters its parameters too.")
    var json = false

    func run() throws {
      try reportingFailure {
        let document = try RecipeDocument(contentsOfFile: recipe, overrides: overrides)
        let assembly = try RunAssembly(Recipe(document), threads: 1)
        let summary = RecipeSummary(assembly)
        if json {
          try StandardOutput.print(summary.json(withParameters: parameters))
          return
        }
        for note in assembly.notes { try StandardOutput.print(Emphasis.output.warning("warning:") + " \(note)") }
        try StandardOutput.print(summary.text)
        if parameters { try StandardOutput.print(summary.parameters) }
      }
    }
  }
}

/// What a run of a recipe would do, in lines.
struct RecipeSummary {
  private let assembly: RunAssembly

  init(_ assembly: RunAssembly) { self.assembly = assembly }

  var text: String {
    // As the run itself begins; ranks and output are not known yet.
    let lines = StartBanner(assembly, ranks: 1, output: "").lines(fromStep: 0).prefix(3)
    return (lines + freezing).joined(separator: "\n")
  }

  func json(withParameters: Bool) -> JSONLine {
    let (parts, settings) = (assembly.parts, assembly.settings)
    let frozen = stretches.map { stretch in
      JSONLine.object([
        ("from_step", .integer(stretch.firstStep)), ("paths", .array(stretch.paths.map(JSONLine.string))),
      ])
    }
    var pairs: [(String, JSONLine)] = [
      ("warnings", .array(assembly.notes.map(JSONLine.string))), ("rows", .integer(parts.dataset.rowCount)),
      ("validation_rows", parts.validation.map { .integer($0.rowCount) } ?? .null),
      ("steps", .integer(settings.totalSteps)), ("steps_per_epoch", .integer(parts.plan.stepsPerEpoch)),
      ("labels", .integer(parts.model.labels)), ("weights", .integer(Freezing([], of: parts.state).total)),
      ("frozen", .array(frozen)),
    ]
    pairs.append(
      ("classes", .array(assembly.classes.map { .object([("name", .string($0.name)), ("rows", .integer($0.rows))]) })))
    if let facts = assembly.rowFacts {
      func counts(_ part: RowFacts.Part?) -> JSONLine {
        part.map {
          .object([("cut", .integer($0.cut)), ("windowed", .integer($0.windowed)), ("empty", .integer($0.empty))])
        } ?? .null
      }
      pairs += [
        ("train", counts(facts.train)), ("validation", counts(facts.validation)),
        ("shared_rows", .integer(facts.shared)),
      ]
    }
    if withParameters { pairs.append(("parameters", .array(parametersAtFirst.map(Self.json)))) }
    return .object(pairs)
  }

  private static func json(_ parameter: Parameter) -> JSONLine {
    let shape = (0..<parameter.shape.rank).map { JSONLine.integer(parameter.shape[$0]) }
    return .object([
      ("name", .string(parameter.name)), ("shape", .array(shape)), ("frozen", .boolean(parameter.isFrozen)),
    ])
  }

  /// The stretches of steps with the same frozen parts, from step 1.
  private var stretches: [(firstStep: Int, paths: [String])] {
    guard let paths = assembly.parts.frozenPaths else { return [] }
    var stretches: [(firstStep: Int, paths: [String])] = []
    for step in assembly.parts.freezingChanges
    where step < assembly.settings.totalSteps && paths(step) != stretches.last?.paths {
      stretches.append((step + 1, paths(step)))
    }
    return stretches
  }

  /// A line for each of them.
  private var freezing: [String] {
    guard assembly.parts.frozenPaths != nil else { return ["frozen: nothing"] }
    return stretches.map { step, paths in
      assembly.parts.state.freeze(paths)
      return "frozen from step \(step): \(Freezing(paths, of: assembly.parts.state))"
    }
  }

  private var parametersAtFirst: [Parameter] {
    assembly.parts.state.freeze(assembly.parts.frozenPaths?(0) ?? [])
    return assembly.parts.state.parameters
  }

  var parameters: String {
    parametersAtFirst.map { parameter in
      "\(parameter.isFrozen ? "frozen " : "trained")  \(parameter.name)  \(parameter.shape)"
    }.joined(separator: "\n")
  }
}
