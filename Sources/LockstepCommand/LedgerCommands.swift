import ArgumentParser
import Console
import Foundation
import Lockstep
import Support

struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Prove from a run's ledger that each epoch used every sample exactly once, and that no step is missing.",
    discussion: """
        lockstep audit output/quickstart
        lockstep audit output/quickstart --json

      Run it where the run was started: the recipe's paths begin there. Exit status 76: the proof fails.
      """)

  @Argument(help: "A run's output folder.", completion: .directory)
  var directory: String

  @Flag(help: "One JSON object: holds, proofs, findings.")
  var json = false

  func run() throws {
    try reportingFailure {
      let directory = RunDirectory(path: directory)
      let assembly = try directory.assembly()
      let audit = try LedgerAudit(
        directory, plan: assembly.parts.plan, dataset: assembly.parts.dataset, inputs: RunInputs(of: assembly))
      try json ? report(audit) : show(audit)
      guard audit.findings.isEmpty else {
        throw LedgerError.failedAudit(path: directory.ledger, findings: audit.findings.count)
      }
    }
  }

  private func show(_ audit: LedgerAudit) throws {
    for line in audit.proofs { try StandardOutput.print(line) }
    let wrong = Emphasis.output.alarming("WRONG:")
    for line in audit.findings.prefix(Self.shownFindings) { try StandardOutput.print("\(wrong) \(line)") }
    let hidden = audit.findings.count - Self.shownFindings
    if hidden > 0 { try StandardOutput.print("\(wrong) and \(hidden) more") }
  }

  private func report(_ audit: LedgerAudit) throws {
    try StandardOutput.print(
      JSONLine.object([
        ("holds", .boolean(audit.findings.isEmpty)), ("proofs", .array(audit.proofs.map(JSONLine.string))),
        ("findings", .array(audit.findings.map(JSONLine.string))),
      ]))
  }

  /// One fault may have as many consequences as there are steps.
  private static let shownFindings = 20
}

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Compute a step of a run again, from the checkpoint before it, and compare every bit with the ledger.",
    discussion: """
        lockstep replay output/quickstart --step 1500
        mpirun -n 2 lockstep replay output/quickstart

      Run it where the run was started: the recipe's paths begin there. Under mpirun it takes as many ranks, which it \
      must with reduction: ring. Exit status 76: a bit differs.
      """)

  @Argument(help: "A run's output folder.", completion: .directory)
  var directory: String

  @Option(help: "The step; the ledger's last by default.")
  var step: Int?

  func run() throws {
    try reportingFailure {
      let group = try LaunchedGroup.join()
      do {
        try replay(group)
        try group.leaveWithMPI()
      } catch let error as LedgerError {
        // All ranks read the same ledger and have seen the same. One says so, before any is gone: a launcher then ends the others.
        if group.rank == 0 { complain("\(error)") }
        try? group.leaveWithMPI()
        throw ExitCode(ExitClass(of: error).status)
      } catch {
        group.fail(String(describing: error))
        throw error
      }
    }
  }

  private func replay(_ group: any Group) throws {
    let directory = RunDirectory(path: directory)
    let assembly = try directory.assembly(
      ranksOnHost: Processor.ranksOnHost(groupSize: group.size), place: (group.rank, group.size))
    let trainer = Trainer(
      parts: assembly.parts, settings: assembly.settings,
      replicas: DataParallelGroup(
        try assembly.recipe.reduction.group(over: group), reduction: assembly.recipe.reduction), engine: assembly.engine
    )
    let replay = try Replay(trainer, directory: directory, recipe: assembly.recipe)
    try replay.run(through: step ?? replay.lastStep) { line in
      if group.rank == 0 { try StandardOutput.print(line) }
    }
  }
}

extension RunDirectory {
  /// - Throws: `RunDirectoryError` where the folder is not there, or not a run's.
  fileprivate func checkIsRun() throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw RunDirectoryError(path: path, problem: "does not exist; give the output folder of a run")
    }
    guard isFolder.boolValue else {
      throw RunDirectoryError(path: path, problem: "is a file; give the output folder of a run")
    }
    guard FileManager.default.fileExists(atPath: recipe) else {
      throw RunDirectoryError(
        path: path, problem: "has no recipe.yaml, as the folder of a run has; give the output folder of a run")
    }
  }

  /// The parts of the run of this folder, at their beginning, from the recipe that it keeps.
  fileprivate func assembly(ranksOnHost: Int = 1, place: (rank: Int, ranks: Int)? = nil) throws -> RunAssembly {
    try checkIsRun()
    let recipe = try Recipe(RecipeDocument(contentsOfFile: recipe))
    return try RunAssembly(
      recipe, threads: recipe.threads ?? Processor.threads(ranksOnHost: ranksOnHost), fold: fold, place: place)
  }
}
