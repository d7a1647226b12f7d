import Diagnostics
import Foundation
import Glibc
import Support

/// What a run leaves in its folder, as its supervisor reads it.
struct RunEvidence {
  let output: String

  private var folder: String { output + "/verdict" }
  private static let largestNote = 64 << 10

  /// Whether any rank has said that something went wrong.
  var isTroubled: Bool {
    !((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).isEmpty
  }

  /// What ranks knew of the failure of others, by rank.
  var verdicts: [Verdict] { decoded("rank-") }

  /// What ranks said when they gave up, by rank.
  var notes: [ExitNote] { decoded("exit-") }

  /// Takes away what an earlier start left, and gives what says that a run is complete as it stands now.
  func begin() -> Completion {
    try? FileManager.default.removeItem(atPath: folder)
    return completion
  }

  /// The files that a run writes last, by which a supervisor knows that it went through.
  struct Completion: Equatable {
    fileprivate let files: [FileIdentity?]
    /// Whether a file is new since `earlier`.
    func isNewer(than earlier: Completion) -> Bool { self != earlier && files.contains { $0 != nil } }
  }

  var completion: Completion {
    Completion(files: ["summary.json", "out-of-fold.jsonl"].map { FileIdentity("\(output)/\($0)") })
  }

  /// The manifests of all committed checkpoints, each with its step; those of a run's folds too.
  var commits: [FileIdentity: Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: output)) ?? []
    let folders = [output] + names.filter { $0.hasPrefix("fold-") }.map { "\(output)/\($0)" }
    var commits: [FileIdentity: Int] = [:]
    for folder in folders {
      let path = folder + "/checkpoints"
      for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] where name.hasPrefix("step-") {
        guard let step = Int(name.dropFirst(5)), let file = FileIdentity("\(path)/\(name)/manifest.json") else {
          continue
        }
        commits[file] = step
      }
    }
    return commits
  }

  private func decoded<Value: Decodable>(_ prefix: String) -> [Value] {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasPrefix(prefix) }
    return names.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }.compactMap { name in
      FileReader.contents("\(folder)/\(name)", atMost: Self.largestNote).flatMap { try? Value.decode(json: $0) }
    }
  }
}

/// A file as it is now: another one, or one written anew, has another identity.
struct FileIdentity: Hashable {
  private let path: String
  private let numbers: [Int]

  /// Nil where there is no such file.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.path = path
    numbers = [Int(status.st_ino), Int(status.st_mtim.tv_sec), Int(status.st_mtim.tv_nsec), Int(status.st_size)]
  }
}
