import Foundation
import Testing

@Suite("README")
struct ReadmeTests {
  private static let pages = ["README.md", "launch/README.zh.md"]

  @Test("in English and in Chinese has the same commands, in the same order")
  func sameCommands() throws {
    let (english, chinese) = (try DocumentedCommands(of: Self.pages[0]), try DocumentedCommands(of: Self.pages[1]))
    #expect(english.commands.count > 30)
    for (first, second) in zip(english.commands, chinese.commands) { #expect(first == second) }
    #expect(english.commands.count == chinese.commands.count)
  }

  @Test("has no command that the program does not understand", arguments: pages)
  func understood(page: String) throws {
    let grammar = try Grammar()
    for command in try DocumentedCommands(of: page).commands {
      for words in ShellText.lockstepCalls(in: command) where words.last != "…" {
        #expect(grammar.complaint(about: words) == nil, "\(command)")
      }
    }
  }

  @Test("says of no other command that it is treated apart")
  func treatments() throws {
    let commands = Set(try DocumentedCommands(of: "README.md").commands)
    for command in DocumentedCommands.treatments.keys { #expect(commands.contains(command), "\(command)") }
  }

  /// Commands run from top to bottom in a folder that looks like the package's, with a small recipe and few rows.
  @Test("has commands that work as printed, one after the other", .enabled(if: Command.hasLauncher))
  func works() throws {
    let folder = try Self.package()
    var script = ["set -u", "trap '' PIPE"]
    for command in try DocumentedCommands(of: "README.md").commands {
      let line: String
      switch DocumentedCommands.treatments[command] {
      case nil: line = command
      case .shortened(let shorter): line = shorter
      case .left: continue
      }
      script.append(
        "echo \"+ $(cat <<'END'\n\(line)\nEND\n)\" >&2\n\(line) || { echo \"FAILED with $?\" >&2; exit 1; }")
    }
    try folder.write(script.joined(separator: "\n") + "\n", to: "commands")
    let outcome = try Shell.run(
      "bash", ["commands"], directory: folder.path,
      environment: [
        "HOME": folder.path, "XDG_CACHE_HOME": folder.path + "/cache", "OMPI_ALLOW_RUN_AS_ROOT": "1",
        "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1",
        "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
      ], seconds: 400)
    let steps = outcome.error.split(separator: "\n")
    let last = steps.lastIndex { $0.hasPrefix("+ ") } ?? 0
    #expect(outcome.status == 0, "\(steps[last...].joined(separator: "\n"))")
    #expect(folder.contains("output/quickstart/models/best/model.safetensors") && folder.contains("predictions.jsonl"))
  }

  /// A folder with the program, the small data, and under the name of the quickstart's a recipe of thirty steps.
  private static func package() throws -> TemporaryFolder {
    let run = try TinyRun()
    let folder = run.folder
    let files = FileManager.default
    for path in [".build/release", "launch/recipes", "launch/data/sst2", "cluster", "output"] {
      try files.createDirectory(atPath: "\(folder.path)/\(path)", withIntermediateDirectories: true)
    }
    try files.createSymbolicLink(atPath: folder.path + "/.build/release/lockstep", withDestinationPath: Command.program)
    try files.createSymbolicLink(
      atPath: folder.path + "/launch/data/vocabulary",
      withDestinationPath: DocumentedCommands.root.appending(path: "launch/data/vocabulary").path)
    try files.moveItem(atPath: folder.path + "/train.tsv", toPath: folder.path + "/launch/data/sst2/train.tsv")
    try files.moveItem(atPath: folder.path + "/dev.tsv", toPath: folder.path + "/launch/data/sst2/dev.tsv")
    let recipe = try folder.read(run.recipe)
      .replacingOccurrences(of: ": train.tsv", with: ": launch/data/sst2/train.tsv")
      .replacingOccurrences(of: ": dev.tsv", with: ": launch/data/sst2/dev.tsv")
      // The README sets the epochs, which a recipe has beside no steps.
      .replacingOccurrences(of: "steps: \(TinyRun.steps)", with: "epochs: 3")
    try folder.write(recipe, to: "launch/recipes/quickstart.yaml")
    return folder
  }
}
