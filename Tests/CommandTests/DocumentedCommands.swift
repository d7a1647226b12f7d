import Foundation

/// The commands of a page: the indented lines that are one, in order.
struct DocumentedCommands {
  /// What a test does with a command, where it does not run it as it stands.
  enum Treatment {
    /// Run in this form, which takes seconds.
    case shortened(String)
    /// Not run here, for this reason.
    case left(String)
  }

  let commands: [String]

  /// - Parameter page: from the top of the package.
  init(of page: String) throws {
    let text = try String(contentsOf: Self.root.appending(path: page), encoding: .utf8)
    commands = ShellText.commands(in: Self.lines(of: text))
  }

  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private static let beginnings = [
    "$", "mpirun ", "launch/", "cluster/", "lockstep=", "LOCKSTEP_", "echo ", "printf ", "swift ", "lockstep ",
  ]

  /// Indented lines that begin as a command does, and those that they are continued on.
  private static func lines(of text: String) -> [Substring] {
    var isContinued = false
    return text.split(separator: "\n").filter { line in
      guard line.hasPrefix("    ") else { return false }
      let isCommand = isContinued || beginnings.contains { line.trimmed.hasPrefix($0) }
      isContinued = isCommand && line.hasSuffix("\\")
      return isCommand
    }
  }

  static let treatments: [String: Treatment] = [
    "launch/quickstart": .left("it installs and builds; SoakTests and a person try it"),
    "launch/test": .left("it runs this test"),
    "launch/benchmark": .left("it takes an hour"),
    "launch/documentation": .left("it builds; DocumentationTests check the pages"),
    "swift run lockstep-examples layer": .left("it builds; ExampleTests run it"),
    "launch/fetch-minilm": .left("it downloads; the tests of MiniLM use what it fetches"),
    "printf '%s\\n' 'model: {from: models/all-MiniLM-L6-v2}' "
      + "'data: {train: launch/data/sst2/train.tsv, validation: launch/data/sst2/dev.tsv, limit: 1000}' "
      + "'optimizer: {learning_rate: 1.0e-4}' 'epochs: 1' > mine.yaml":
      .shortened(
        "printf '%s\\n' 'model: {configuration: {hidden_size: 32, num_attention_heads: 2, num_hidden_layers: 1, "
          + "intermediate_size: 64}, vocabulary: vocab.txt}' 'data: {train: launch/data/sst2/train.tsv, "
          + "validation: launch/data/sst2/dev.tsv, limit: 1000}' 'optimizer: {learning_rate: 1.0e-4}' "
          + "'epochs: 1' > mine.yaml"),
    "cluster/virtual/hosts up 2 > hosts.txt": .left("it takes root; VirtualClusterTests"),
    "$lockstep doctor --hosts hosts.txt --agent cluster/virtual/agent --interface 10.77.0.0/24":
      .left("it takes root; VirtualPreflightTests"),
    "$lockstep launch --ranks 2 --hosts hosts.txt --agent cluster/virtual/agent --interface 10.77.0.0/24 "
      + "-- train launch/recipes/quickstart.yaml --output output/hosts --set epochs=1 --set data.limit=3200":
      .left("it takes root; VirtualLaunchTests"),
    "cluster/virtual/hosts down": .left("it takes root; VirtualClusterTests"),
    "$lockstep dashboard output/alone": .left("it serves until it is stopped; the tests of the dashboard"),
    "$lockstep train launch/recipes/quickstart.yaml --output output/alone --dashboard 8080":
      .shortened("$lockstep train launch/recipes/quickstart.yaml --output output/alone --dashboard 0"),
    "$lockstep replay output/alone --step 2050": .shortened("$lockstep replay output/alone --step 34"),
    "$lockstep verify-resume launch/recipes/quickstart.yaml --set reduction=ordered --steps 20 --schedules 5":
      .shortened(
        "$lockstep verify-resume launch/recipes/quickstart.yaml --set reduction=ordered --steps 6 --schedules 1"),
    "$lockstep verdict output/quickstart": .left("nothing has failed; FaultTests"),
    "$lockstep benchmark step --precision bf16": .left("a minute; the tests of the benchmarks take smaller ones"),
    "$lockstep benchmark techniques": .left("minutes"),
    "$lockstep benchmark kernels": .left("a minute"),
    "$lockstep benchmark observers": .left("minutes"),
    "$lockstep simulate --recipe launch/recipes/quickstart.yaml --ranks 64 --bandwidth 10Gbit --latency 50us":
      .left("it measures the machine for half a minute; ForecastTests"),
    "$lockstep benchmark reduce": .shortened("$lockstep benchmark reduce --bytes 4096 --rounds 1"),
  ]
}
