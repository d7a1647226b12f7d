import Foundation

/// The program itself, as a user starts it: alone or under mpirun.
struct Command {
  var arguments: [String]
  /// Ranks under mpirun; nil for no launcher.
  var ranks: Int?
  /// More options of mpirun.
  var launcherOptions: [String] = []
  /// The folder that relative paths start from.
  var directory: String
  /// More variables of the environment.
  var variables: [String: String] = [:]
  /// What it reads on standard input.
  var input = ""
  /// Seconds after which the command is killed, which fails the test that waits for it.
  var deadline = 120.0

  init(_ arguments: String..., in folder: TemporaryFolder, ranks: Int? = nil) {
    self.arguments = arguments
    self.ranks = ranks
    directory = folder.path
  }

  /// The program, which is built beside the tests.
  static let program = products.appending(path: "lockstep").path

  private static let products = URL(
    filePath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
  ).deletingLastPathComponent()

  static let mpirun = "/usr/bin/mpirun"

  /// Whether this machine has an mpirun.
  static let hasLauncher = FileManager.default.isExecutableFile(atPath: mpirun)

  /// Runs to the end.
  /// - Parameter whileRunning: called once, after the start; it may kill what it finds.
  func run(whileRunning: (Running) throws -> Void = { _ in }) throws -> Shell.Outcome {
    try Shell.run(
      ranks == nil ? Self.program : Self.mpirun, launcherArguments + arguments, directory: directory,
      environment: environment, input: input, seconds: deadline, whileRunning: whileRunning)
  }

  private var launcherArguments: [String] {
    ranks.map { ranks in
      ["-n", "\(ranks)", "--oversubscribe", "--bind-to", "none", "--timeout", "100"] + launcherOptions + [Self.program]
    } ?? []
  }

  /// Tokens are cached in the test's own folder, and root may use mpirun.
  private var environment: [String: String] {
    [
      "XDG_CACHE_HOME": directory + "/cache", "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    ].merging(variables) { $1 }
  }
}

/// A command that has been started.
struct Running {
  struct Overdue: Error {}

  let process: Process
  let deadline: ContinuousClock.Instant
  /// The file of its standard error.
  let errors: String

  /// Waits until standard error holds a text, or the command is over.
  /// - Parameter step: done again and again while it waits.
  func wait(forError text: String, _ step: () -> Void = {}) throws {
    try wait {
      step()
      return !process.isRunning || ((try? String(contentsOfFile: errors, encoding: .utf8)) ?? "").contains(text)
    }
  }

  /// Waits for a condition; throws when the command's deadline passes.
  func wait(for condition: () -> Bool) throws {
    while !condition() {
      guard .now < deadline else { throw Overdue() }
      Thread.sleep(forTimeInterval: 0.005)
    }
  }

  /// Waits until a run has logged a step, or is over.
  func wait(forStep step: Int, in run: TinyRun) throws {
    try wait { !process.isRunning || run.loggedSteps.contains { $0 >= step } }
  }

  /// The process of one rank under mpirun, found by the environment that the launcher gave it.
  func process(ofRank rank: Int) throws -> pid_t {
    var found: pid_t?
    try wait {
      found = Self.children(of: process.processIdentifier).first { child in
        let environment = FileManager.default.contents(atPath: "/proc/\(child)/environ") ?? Data()
        return environment.split(separator: 0).contains(Data("OMPI_COMM_WORLD_RANK=\(rank)".utf8))
      }
      return found != nil || !process.isRunning
    }
    guard let found else { throw Overdue() }
    return found
  }

  func kill() {
    if process.isRunning { Glibc.kill(process.processIdentifier, SIGKILL) }
  }

  private static func children(of parent: pid_t) -> [pid_t] {
    let list = "/proc/\(parent)/task/\(parent)/children"
    return ((try? String(contentsOfFile: list, encoding: .utf8)) ?? "").split(separator: " ").compactMap { pid_t($0) }
  }
}
