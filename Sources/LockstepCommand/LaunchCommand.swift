import ArgumentParser
import Console
import Foundation
import Glibc
import Launching
import Lockstep
import Preflight
import Support

struct LaunchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "launch",
    abstract: "Start the ranks of a run, and start them again from the last checkpoint when one fails.",
    discussion: """
        lockstep launch --ranks 2 -- train recipe.yaml --output output/run
        lockstep launch --ranks 8 --hosts cluster/hosts.example -- train recipe.yaml

      SIGTERM, SIGINT (Ctrl-C) and SIGUSR1 let the ranks commit a checkpoint and end with status 85. What happened is written to \
      OUTPUT/launch.jsonl.
      """)

  @Option(help: "Start this many ranks.")
  var ranks: Int

  @OptionGroup var cluster: ClusterOptions

  @Option(help: "Start again at most this many times.")
  var maxRestarts = 10

  @Option(help: "Give up after this many consecutive starts without a new checkpoint.")
  var patience = 3

  @Option(help: "Continue with no fewer ranks than this when hosts no longer answer.")
  var minRanks = 1

  @Option(
    help:
      "Wait this many seconds before the first restart; doubled after each start without a new checkpoint, up to 60.")
  var pause = 1.0

  @Option(help: "Pass this variable of the environment to ranks on other hosts, too. May be repeated.")
  var export: [String] = []

  @Option(
    help:
      "How ranks notice changes of bytes on the way that are not encrypted: authenticated (the default) or checksum.")
  var integrity: Integrity?

  @Flag(help: "Print the command that would start the ranks, and start nothing.")
  var dryRun = false

  @Argument(parsing: .postTerminator, help: "After --: train and its arguments.")
  var command: [String]

  func validate() throws {
    guard (0...1_000_000).contains(maxRestarts) else {
      throw ValidationError("--max-restarts \(maxRestarts) is out of range; give 0 to 1000000")
    }
    guard (1...1_000_000).contains(patience) else {
      throw ValidationError("--patience \(patience) is out of range; give 1 to 1000000")
    }
    guard (0...3600).contains(pause) else {
      throw ValidationError("--pause \(pause) is out of range; give 0 to 3600 seconds")
    }
  }

  /// Refuses once, before any rank starts, a command that all of them would refuse.
  ///
  /// - Parameter grammar: the whole program's.
  func checkCommand(grammar: CommandGrammar.Node?) throws {
    if let grammar, let text = CommandLineAdvice(command, grammar: grammar).text {
      throw ValidationError("after --: \(text)")
    }
    guard command.first == "train" else {
      throw ValidationError("\(command.first ?? "nothing") cannot be launched; end the command with -- train RECIPE")
    }
  }

  func run() throws {
    try reportingFailure {
      let request = try request()
      let supervisor = try Supervisor(request, policy: policy) { line in
        // The ranks may have drawn a bar on the line that the cursor is on.
        StandardError.print((TerminalLine.isThere ? TerminalLine.erasure : "") + "launch: \(line)")
      }
      if dryRun {
        try StandardOutput.print(supervisor.firstCommand)
        return
      }
      try inspect(request)
      let status = try supervisor.run()
      if status != 0 { throw ExitCode(status) }
    }
  }

  /// Ends the command with a line for each thing that keeps the ranks from starting or from working together.
  private func inspect(_ request: LaunchRequest) throws {
    let train = try TrainArguments(command)
    let obstacles = Inspection(request, output: train.output, recipe: command[1]).obstacles()
    for obstacle in obstacles { StandardError.print("lockstep: \(obstacle.words)") }
    if !obstacles.isEmpty { throw ExitCode(ExitClass.layout.status) }
  }

  private var policy: RestartPolicy {
    RestartPolicy(maximumRestarts: maxRestarts, patience: patience, firstPause: pause)
  }

  private func request() throws -> LaunchRequest {
    let train = try TrainArguments(command)
    // A launcher hides the terminal from its ranks.
    let showsBar = isatty(STDERR_FILENO) == 1 && cluster.launcher != .local && !train.has("--progress")
    var request = try cluster.request(
      ranks: ranks, arguments: showsBar ? train.setting("--progress", to: "bar") : command)
    request.minimumRanks = minRanks
    request.exports = export
    request.integrity = integrity
    return request
  }
}

extension Integrity: ExpressibleByArgument {}
