import Foundation

/// What a rank knew when the run failed, on disk: mpirun ends the others' output early, a file stays.
package enum VerdictFile {
  /// Takes away what this rank said about an earlier run in the same folder.
  package static func remove(of rank: Int, from folder: String) {
    for name in ["rank-\(rank).json", FlightRecord.fileName(rank: rank)] { unlink(folder + "/" + name) }
  }

  /// Writes `rank-N.json`, wholly or not at all. A folder that cannot be written is not worth a second failure.
  package static func write(_ verdict: Verdict, of rank: Int, to folder: String) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    guard let data = try? encoder.encode(verdict) else { return }
    let file = URL(fileURLWithPath: folder, isDirectory: true).appendingPathComponent("rank-\(rank).json")
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try? data.write(to: file, options: .atomic)
  }
}
