import Checkpoints
import DataParallel
import Diagnostics
import Tracing

/// A checkpoint that is being written while training continues.
///
/// Two phases, each ended by all ranks together at a step's end: every rank writes its files; then rank 0 commits.
final class CheckpointInFlight {
  /// What the committing rank adds to the files of all.
  struct Contents: Sendable {
    var layouts: [String: StateLayout]
    var state: [UInt8]
    var score: Double?
  }

  private enum Phase {
    case writing(Background<[FileRecord]>)
    /// On rank 0 the commit; the others have nothing to do.
    case committing(Background<Void>?)
  }

  let step: Int
  private let pending: PendingCheckpoint
  private let replicas: DataParallelGroup
  private let contents: Contents
  private var phase: Phase

  /// Begins to write this rank's files; the snapshot must stay as it is until this object is gone.
  init(_ pending: PendingCheckpoint, _ snapshot: StateSnapshot, replicas: DataParallelGroup, contents: Contents) {
    step = pending.step
    self.pending = pending
    self.replicas = replicas
    self.contents = contents
    FaultInjection.reach("prepare", rank: replicas.rank, number: UInt64(step))
    phase = .writing(
      Background(name: "lockstep checkpoint") { [track = replicas.tracer.background] isCancelled in
        try track.span(.writing) { try pending.write(snapshot, isCancelled: isCancelled) }
      })
  }

  // A run that fails leaves nobody to commit; nothing may write once its owner is gone.
  deinit {
    guard case .writing(let writing) = phase else { return }
    writing.cancel()
    _ = writing.result()
  }

  /// Whether this rank has done its part of the phase.
  var isPhaseDone: Bool {
    switch phase {
    case .writing(let writing): writing.isDone
    case .committing(let committing): committing?.isDone ?? true
    }
  }

  /// Ends the phase on all ranks together; waits where this rank is not done.
  /// - Parameter cleanUp: follows the commit, on rank 0.
  /// - Returns: nil when another phase follows, else whether the checkpoint is committed; the same on all ranks.
  func proceed(
    store: CheckpointStore, cleanUp: @escaping @Sendable () throws -> Void
  ) throws -> Result<Void, any Error>? {
    switch phase {
    case .writing(let writing):
      let written = try replicas.exchange(
        writing.result().map(FileRecord.encode), name: "checkpoint written", step: step)
      guard case .success(let records) = written else { return abandoned(in: store, written.map { _ in }) }
      FaultInjection.reach("commit", rank: replicas.rank, number: UInt64(step))
      phase = .committing(replicas.isRoot ? commit(records, to: store, cleanUp) : nil)
      return nil
    case .committing(let committing):
      let own = committing?.result() ?? .success(())
      let committed = try replicas.exchange(own.map { [] }, name: "checkpoint committed", step: step)
      if case .failure = committed { return abandoned(in: store, committed.map { _ in }) }
      return .success(())
    }
  }

  private func commit(
    _ records: [[UInt8]], to store: CheckpointStore, _ cleanUp: @escaping @Sendable () throws -> Void
  ) -> Background<Void> {
    Background(name: "lockstep commit") { [pending, contents, track = replicas.tracer.background] _ in
      try track.span(.commit) {
        let decoded = try records.flatMap { try FileRecord.decode($0, from: pending.name) }
        _ = try store.commit(
          pending, records: decoded, layouts: contents.layouts, state: contents.state, score: contents.score)
        try cleanUp()
      }
    }
  }

  private func abandoned(
    in store: CheckpointStore, _ result: Result<Void, any Error>
  ) -> Result<Void, any Error> {
    if replicas.isRoot { store.abandon(pending) }
    return result
  }
}
