import Checkpoints
import Foundation
import Tensors

/// Saves a run so that it can go on from there, bit for bit, at any number of ranks; and lets it go on.
///
/// Every rank writes its share of what all ranks hold, and what it alone has (see `RankState`); rank 0 writes what it alone
/// keeps (EMA, SWA) and commits. No step is ever split, so there is no half-filled accumulation to save.
/// A checkpoint is a copy, written while training goes on; one at a time.
public final class CheckpointKeeper {
  /// Steps between checkpoints; nil for none but on request.
  let interval: Int?

  private let store: CheckpointStore
  private let retention: RetentionPolicy
  private let facts: RunFacts
  private var resumedFrom: Int?
  private var failuresInARow = 0
  private var inFlight: CheckpointInFlight?
  private let snapshot = StateSnapshot()
  private let sharing: OutputSharing?
  private let gathered = GatheredState()

  /// Failures in a row after which a run gives up: one full disk may pass, three will not.
  private static let toleratedFailures = 3

  /// - Parameters:
  ///   - storage: the disk of the run's own checkpoints.
  ///   - sharing: who shares it; nil where all ranks do.
  public init(
    directory: RunDirectory, recipe: Recipe, storage: any Storage = PosixStorage(), sharing: OutputSharing? = nil
  ) {
    self.sharing = sharing
    store = CheckpointStore(directory: directory.checkpoints, storage: storage)
    interval = recipe.checkpoint.every
    retention = RetentionPolicy(last: recipe.checkpoint.keep, best: true)
    facts = RunFacts(recipe)
  }

  /// Begins a checkpoint on all ranks together: copies what it is to hold. It is written while training goes on.
  /// - Returns: nil when it has begun, or why not; the older ones are valid all the same.
  /// - Throws: the third failure in a row.
  func begin(trainer: Trainer, progress: TrainingRun.Progress) throws -> CheckpointOutcome? {
    precondition(inFlight == nil, "a checkpoint begins while one is being written")
    let replicas = trainer.replicas
    let step = trainer.step
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
    let state = SavedState(step: step, facts: facts, values: trainer.checkpointValues, progress: progress)
    let arenas =
      trainer.jointArenas + trainer.rootArenas
      + (0..<replicas.group.size).flatMap { RankState.arenas(of: trainer, rank: $0) }
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
    return trainer.replicas.isRoot ? [(trainer.jointArenas.map(\.forCheckpoint) + alone + own, .whole)] : []
  }

  /// Whether this rank has done what the checkpoint that is being written waits for.
  var isPhaseDone: Bool { inFlight?.isPhaseDone ?? false }

  /// Moves the checkpoint that is being written on, once all ranks have said that their phase is done.
  /// - Returns: what became of it, when it is over.
  /// - Throws: the third failure in a row.
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
      failuresInARow = 0
      return .committed(step: step)
    }
    failuresInARow += 1
    if failuresInARow >= Self.toleratedFailures { throw error }
    return .failed(step: step, reason: String(describing: error))
  }

  /// Brings a trainer to where a checkpoint left off. All ranks take the same one: the newest that every rank finds whole.
  /// - Returns: what was found damaged on the way.
  func resume(
    _ choice: ResumeChoice, trainer: Trainer, progress: inout TrainingRun.Progress
  ) throws -> [String] {
    let replicas = trainer.replicas
    let source = store(for: choice)
    let sharing = sharing ?? .shared(rank: replicas.rank)
    if sharing.isFirst {
      try store.removeLeftovers()
      if choice == .never { try store.setAside() }
    }
    guard let source else { return [] }
    var notes: [String] = []
    if !sharing.isShared {
      notes += try CheckpointHandout(store: source, replicas: replicas, sharing: sharing).run()
    }
    while true {
      let (name, rejected) = try candidate(in: source, replicas)
      notes += rejected
      guard let name else { break }
      let mine = Result { try source.verify(name) }
      let votes = try replicas.exchange(mine.map { Array($0.digest.utf8) }, name: "checkpoint vote", step: 0)
      if case .success(let digests) = votes, Set(digests).count == 1 {
        notes += try load(source.load(mine.get()), trainer: trainer, progress: &progress)
        resumedFrom = trainer.step
        return notes
      }
      notes.append("\(name) is not whole for every rank; falling back to an older one")
      if replicas.isRoot { try source.quarantine(name) }
    }
    if case .from(let path) = choice {
      throw TrainingError.noCheckpoint(path: path)
    }
    return notes
  }

  /// Rank 0's newest valid checkpoint, and what it found damaged before it.
  private func candidate(in source: CheckpointStore, _ replicas: Replicas) throws -> (name: String?, rejected: [String])
  {
    guard replicas.isRoot else { return (try replicas.broadcast(nil, name: "checkpoint choice", step: 0), []) }
    let found = try source.newestValid()
    for rejection in found.rejected { try source.quarantine(rejection.name) }
    let name = try replicas.broadcast(found.checkpoint?.name, name: "checkpoint choice", step: 0)
    return (name, found.rejected.map { "\($0.name) is put aside: \($0.why)" })
  }

  private func store(for choice: ResumeChoice) -> CheckpointStore? {
    switch choice {
    case .never: nil
    case .auto: store
    case .from(let path): CheckpointStore(directory: RunDirectory(path: path).checkpoints)
    }
  }

  /// Brings a trainer to the newest whole checkpoint before a step, for a look back; the folder stays as it is.
  /// - Returns: the step of that checkpoint, or 0 where there is none: the trainer stays as it began.
  func restore(_ trainer: Trainer, before step: Int) throws -> Int {
    let candidates = try store.validCheckpoints(.contents).checkpoints.filter { $0.step < step }
    guard let newest = candidates.max(by: { $0.step < $1.step }) else { return 0 }
    var progress = TrainingRun.Progress()
    _ = try load(store.load(newest), trainer: trainer, progress: &progress)
    return newest.step
  }

  /// - Returns: what the user should know of it.
  private func load(
    _ reader: CheckpointReader, trainer: Trainer, progress: inout TrainingRun.Progress
  ) throws -> [String] {
    let saved = try SavedState(decoding: try reader.state(), source: reader.checkpoint.path)
    if let difference = facts.difference(from: saved.facts) {
      throw TrainingError.foreignCheckpoint(path: reader.checkpoint.path, difference: difference)
    }
    try trainer.restore(values: saved.values, step: saved.step)
    for saved in trainer.jointArenas + trainer.rootArenas {
      try reader.read(saved.kind, saved.arena.layout.forCheckpoint, saved.arena.range, into: saved.arena.values)
    }
    progress = saved.progress
    return try RankState.read(reader, into: trainer)
  }
}

/// What became of a checkpoint.
enum CheckpointOutcome {
  case committed(step: Int)
  /// It was not committed; the older ones are valid all the same.
  case failed(step: Int, reason: String)
}
