import Foundation
import Lockstep
import Support

/// Runs of this program as separate processes, alone or under mpirun, cut at given steps.
struct ChildRun {
  let folder: String
  /// Its output folder, and what its logs are called.
  let output: String
  /// The path of mpirun.
  let launcher: String?

  /// The mpirun of PATH.
  static var launcher: String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").map { "\($0)/mpirun" }.first(where: FileManager.default.isExecutableFile)
  }

  private var directory: RunDirectory { RunDirectory(path: "\(folder)/\(output)") }

  /// One process, not interrupted.
  func runThrough() throws -> RunDirectory { try run(ResumeSchedule(pieces: [.init(ranks: 1)])) }

  /// The pieces of a schedule, one after the other.
  /// - Throws: `VerifyResumeError.failed` for a piece that did not end as it should.
  func run(_ schedule: ResumeSchedule) throws -> RunDirectory {
    for (number, piece) in schedule.pieces.enumerated() {
      let log = "\(folder)/\(output)-piece-\(number + 1).log"
      let status = try start(piece, log: log)
      guard isExpected(status, of: piece) else {
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        let complaint = text.split(separator: "\n").first { line in
          line.hasPrefix("lockstep: ") && !line.hasPrefix("lockstep: fault ")
        }
        throw VerifyResumeError.failed(
          piece: "\(output), \(piece)", status: status, words: complaint.map(String.init) ?? "see \(log)")
      }
    }
    return directory
  }

  private func isExpected(_ status: Int32, of piece: ResumeSchedule.Piece) -> Bool {
    switch piece.cut?.manner {
    case nil: status == 0
    case .stop: status == ExitClass.stopped.status
    case .kill: ![0, 64, 70, 78].contains(status) && ![ExitClass.wrongInput.status, 74, 76, 85].contains(status)
    }
  }

  private func start(_ piece: ResumeSchedule.Piece, log: String) throws -> Int32 {
    var (program, arguments) = (try OwnProgram.path(), ["train", folder + "/recipe.yaml"])
    arguments += ["--output", directory.path, "--resume", "auto"]
    if piece.ranks > 1, let launcher {
      arguments = ["-n", String(piece.ranks), "--oversubscribe", "--bind-to", "none", program] + arguments
      program = launcher
    }
    return try OwnProgram.run(program, arguments, environment: environment(piece.cut), log: log)
  }

  /// Root may use mpirun, as it may in a container; the fault is the one way to strike at a given step.
  private func environment(_ cut: ResumeSchedule.Cut?) -> [String: String] {
    var environment = ProcessInfo.processInfo.environment
    environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
    environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
    if let cut {
      let action = cut.manner == .kill ? FaultInjection.Action.kill : .terminate
      environment["LOCKSTEP_FAULT"] = "rank:\(cut.rank),point:step,number:\(cut.step),do:\(action.rawValue)"
    }
    return environment
  }
}
