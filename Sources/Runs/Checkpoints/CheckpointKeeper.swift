import Checkpoints
import DataParallel
import Foundation
import Recipes
import Tensors
import Training

/// Saves a run so that it can go on from there, bit for bit, at any number of ranks; and lets it go on.
///
/// Every rank writes its share of what all ranks hold, and what it alone has (see `RankState`); rank 0 writes what it alone
/// keeps (EMA, SWA) and commits. No step is ever split, so there is no half-filled accumulation to save.
/// A checkpoint is a copy, written while training continues; one at a time.
public final class CheckpointKeeper {
  /// Steps between checkpoints; nil where they do not decide.
  let interval: Int?
  /// Seconds between checkpoints; nil where time does not decide.
  private let period: Double?
  private var newest = ContinuousClock.now

  let directory: RunDirectory
  let store: CheckpointStore
  let facts: RunFacts
  /// On rank 0, what the run reads; nil where nobody looks whether it is the same when the run is resumed.
  let inputs: RunInputs?
  let sharing: OutputSharing?
  var resumedFrom: Int?
  let retention: RetentionPolicy
  private var failuresInARow = 0
  /// Since when there is no room for checkpoints.
  private var fullSince: ContinuousClock.Instant?
  private var inFlight: CheckpointInFlight?
  private let snapshot = StateSnapshot()
  private let gathered = GatheredState()

  /// Failures in a row after which a run gives up: one full disk may pass, three will not.
  private static let toleratedFailures = 3

  /// - Parameters:
  ///   - storage: the disk of the run's own checkpoints.
  ///   - sharing: who shares it; nil where all ranks do.
  ///   - inputs: on rank 0, what the run reads, to be the same when it is resumed; nil where nobody looks.
  public init(
    directory: RunDirectory, recipe: Recipe, storage: any Storage = PosixStorage(), sharing: OutputSharing? = nil,
    inputs: RunInputs? = nil
  ) {
    self.directory = directory
    self.sharing = sharing
    self.inputs = inputs
    store = CheckpointStore(directory: directory.checkpoints, storage: storage)
    interval = recipe.checkpoint.every
    period = recipe.checkpoint.minutes.map { 60 * $0 }
    retention = RetentionPolicy(last: recipe.checkpoint.keep, best: true)
    facts = RunFacts(recipe)
  }

  /// Whether checkpoints are written during the run and at its end, and not on request alone.
  var isOn: Bool { interval != nil || period != nil }

  /// Whether this process's clock says that a checkpoint is due; while one is being written, none is.
  var isTimeUp: Bool {
    guard let period, inFlight == nil else { return false }
    return (.now - newest) / .seconds(1) >= period
  }

  /// Begins a checkpoint on all ranks together: copies what it is to hold. It is written while training continues.
  /// - Returns: nil when it has begun, or why not; the older ones are valid all the same.
  /// - Throws: the third consecutive failure.
  func begin(trainer: Trainer, progress: RunProgress) throws -> CheckpointOutcome? {
    precondition(inFlight == nil, "a checkpoint begins while one is being written")
    let replicas = trainer.replicas
    let step = trainer.step
    newest = .now
    let began = Result { replicas.isRoot ? try store.begin(step: step) : nil }
    let names = try replicas.exchange(
      began.map { Array(($0?.name ?? "").utf8) }, name: "checkpoint", step: step)
    let pending = Result {
      let name = String(decoding: try names.get()[0], as: UTF8.self)
      return try began.get() ?? store.join(step: step, name: name)
    }
    guard case .success(let pending) = pending else { return try judge(pending.map { _ in }, step: step) }
    snapshot.take(try shares(of: trainer))
    if let sharing, !sharing.isShared { try GatheredShards.put(into: snapshot, of: trainer) }
    var state = SavedState(step: step, facts: facts, values: trainer.checkpointValues, progress: progress)
    state.inputs = try? inputs?.digests()
    let arenas =
      trainer.jointArenas + trainer.rootArenas
      + (0..<replicas.size).flatMap { RankState.arenas(of: trainer, rank: $0) }
    inFlight = CheckpointInFlight(
      pending, snapshot, replicas: replicas,
      contents: CheckpointInFlight.Contents(
        layouts: Dictionary(uniqueKeysWithValues: arenas.map { ($0.kind, $0.arena.layout.forCheckpoint) }),
        state: try state.encoded(), score: progress.lastScore))
    return nil
  }

  /// What this rank writes of a checkpoint; all ranks together.
  private func shares(of trainer: Trainer) throws -> [(arenas: [StateArena], share: StateSnapshot.Share)] {
    let group = trainer.replicas.group
    let alone = trainer.rootArenas.map(\.forCheckpoint)
    guard let sharing, !sharing.isShared else {
      let own = RankState.arenas(of: trainer, rank: group.rank).map(\.forCheckpoint)
      return [
        (trainer.jointArenas.map(\.forCheckpoint), StateSnapshot.Share(rank: group.rank, of: group.size)),
        (alone + own, .whole),
      ]
    }
    let own = try gathered.arenas(of: trainer).map(\.forCheckpoint)
    return trainer.isRoot ? [(trainer.jointArenas.map(\.forCheckpoint) + alone + own, .whole)] : []
  }

  /// Whether this rank has done what the checkpoint that is being written waits for.
  var isPhaseDone: Bool { inFlight?.isPhaseDone ?? false }

  /// Moves the checkpoint that is being written on, once all ranks have said that their phase is done.
  /// - Returns: what became of it, when it is over.
  /// - Throws: the third consecutive failure.
  func proceed() throws -> CheckpointOutcome? {
    guard let inFlight else { return nil }
    let retention = retention
    let result = try inFlight.proceed(store: store) { [store, resumedFrom] in
      try store.retain(retention, resumedFrom: resumedFrom)
    }
    guard let result else { return nil }
    self.inFlight = nil
    if case .success = result { resumedFrom = nil }
    return try judge(result, step: inFlight.step)
  }

  /// Waits for the checkpoint that is being written, if there is one; all ranks together.
  func finish() throws -> CheckpointOutcome? {
    while inFlight != nil {
      if let outcome = try proceed() { return outcome }
    }
    return nil
  }

  private func judge(_ result: Result<Void, any Error>, step: Int) throws -> CheckpointOutcome {
    guard case .failure(let error) = result else {
      (failuresInARow, fullSince) = (0, nil)
      return .committed(step: step)
    }
    failuresInARow += 1
    if PeerFailure.isWantOfRoom(error) {
      let since = fullSince ?? .now
      fullSince = since
      if (.now - since) / .seconds(1) < directory.diskWait.seconds {
        return .failed(step: step, reason: String(describing: error))
      }
    }
    if failuresInARow >= Self.toleratedFailures { throw error }
    return .failed(step: step, reason: String(describing: error))
  }
}

/// What became of a checkpoint.
enum CheckpointOutcome {
  case committed(step: Int)
  /// It was not committed; the older ones are valid all the same.
  case failed(step: Int, reason: String)
}
