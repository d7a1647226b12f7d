import Foundation

/// What a rank says when it gives up, for its supervisor: of the statuses of many ranks a launcher reports one.
package struct ExitNote: Codable, Equatable, Sendable {
  package var rank: Int
  package var status: Int32
  package var reason: String

  package init(rank: Int, status: Int32, reason: String) {
    self.rank = rank
    self.status = status
    self.reason = reason
  }

  /// Leaves a note in the folder of verdicts, if this process is a rank that a supervisor started.
  package static func leave(status: Int32, reason: String, in folder: String) {
    let environment = ProcessInfo.processInfo.environment
    guard environment[LaunchRequest.restartsVariable] != nil else { return }
    let names = ["LOCKSTEP_RANK", "PMIX_RANK", "SLURM_PROCID"]
    let rank = names.lazy.compactMap { environment[$0].flatMap(Int.init) }.first ?? 0
    let note = ExitNote(rank: rank, status: status, reason: reason)
    guard let data = try? JSONEncoder().encode(note) else { return }
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try? data.write(to: URL(filePath: "\(folder)/exit-\(rank).json"), options: .atomic)
  }
}
