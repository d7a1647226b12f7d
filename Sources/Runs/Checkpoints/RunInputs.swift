import Checkpoints
import DataParallel
import Foundation
import Support

/// What a run reads besides its recipe, as SHA-256 by name. The hashes are made in the background while training begins.
public final class RunInputs: Sendable {
  /// The files that are read.
  public let paths: [String]
  private let hashing: Background<[String: String]>

  /// - Parameter digests: gives the hash of each input; called once, on its own thread.
  public init(paths: [String], _ digests: @escaping @Sendable () throws -> [String: String]) {
    self.paths = paths
    hashing = Background(name: "lockstep inputs") { _ in try digests() }
  }

  /// Waits for the hashes.
  public func digests() throws -> [String: String] { try hashing.result().get() }
}

/// Comparing what a run reads with what it read when it began.
enum InputDigests {
  /// Rank 0's hashes on every rank, so that all come to the same conclusion; nil where rank 0 has none.
  static func agreed(_ inputs: RunInputs?, over replicas: DataParallelGroup) throws -> [String: String]? {
    let own = inputs.flatMap { try? $0.digests() }.flatMap { try? JSONEncoder().encode($0) }
    let text = try replicas.broadcast(own.map { String(decoding: $0, as: UTF8.self) }, name: "inputs", step: 0)
    return text.flatMap { try? [String: String].decode(json: $0.utf8) }
  }

  /// The names of inputs that differ, causes first; rows that differ because the vocabulary does are not named.
  ///
  /// A part of the model is there or not; any other input is compared where both runs have it, because a run may be given
  /// validation rows later.
  static func changed(from saved: [String: String], to present: [String: String]) -> [String] {
    let names = Set(saved.keys).union(present.keys).filter { name in
      guard let before = saved[name], let now = present[name] else { return isOfModel(name) }
      return before != now
    }
    let causes = names.filter(isOfModel)
    return (causes.isEmpty ? names : causes).sorted(by: >)
  }

  private static func isOfModel(_ name: String) -> Bool { name.hasPrefix("model.") }

  /// What a run of a folder began with, as its newest checkpoint says, or else its summary; nil where neither does.
  static func recorded(in directory: RunDirectory) -> [String: String]? {
    let store = CheckpointStore(directory: directory.checkpoints)
    if let newest = try? store.validCheckpoints().checkpoints.last, let reader = try? store.load(newest),
      let state = try? reader.state(), let saved = try? SavedState(decoding: state, source: newest.path)
    {
      return saved.inputs
    }
    let summary = FileReader.contents(directory.summary)
    return summary.flatMap { try? RecordedInputs.decode(json: $0) }?.inputs
  }

  private struct RecordedInputs: Decodable { var inputs: [String: String]? }
}
