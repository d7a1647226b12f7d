import Checkpoints
import Foundation
import Tensors

/// Saves a run so that it can go on from there, bit for bit, at any number of ranks; and lets it go on.
///
/// Every rank writes its share of what all ranks hold; rank 0 writes what it alone keeps (EMA, SWA) and commits. Nothing
/// in a checkpoint belongs to a rank, and no step is ever split, so there is no half-filled accumulation to save.
public final class CheckpointKeeper {
  /// Steps between checkpoints; nil for none but on request.
  let interval: Int?

  private let store: CheckpointStore
  private let retention: RetentionPolicy
  private let facts: RunFacts
  private var resumedFrom: Int?
  private var failuresInARow = 0

  /// Failures in a row after which a run gives up: one full disk may pass, three will not.
  private static let toleratedFailures = 3

  public init(directory: RunDirectory, recipe: Recipe) {
    store = CheckpointStore(directory: directory.checkpoints)
    interval = recipe.checkpoint.every
    retention = RetentionPolicy(last: recipe.checkpoint.keep, best: true)
    facts = RunFacts(recipe)
  }

  /// Writes and commits a checkpoint on all ranks together.
  /// - Returns: nil when it is committed, or why it is not; the older ones are valid all the same.
  /// - Throws: the third failure in a row.
  func save(trainer: Trainer, progress: TrainingRun.Progress) throws -> String? {
    let replicas = trainer.replicas
    let began = Result { replicas.isRoot ? try store.begin(step: trainer.step) : nil }
    let name = try replicas.broadcast((try? began.get())?.name, name: "checkpoint", step: trainer.step)
    var outcome = began.flatMap { pending in
      Result { try write(pending ?? store.join(step: trainer.step, name: name ?? ""), trainer: trainer) }
    }
    if name == nil, !replicas.isRoot { outcome = .failure(UncommittedCheckpoint()) }
    let everyone = try replicas.exchange(outcome.map(FileRecord.encode), name: "checkpoint written", step: trainer.step)
    let committed = Result {
      let records = try everyone.get()
      guard replicas.isRoot, let pending = try began.get() else { return }
      try commit(pending, records: records, trainer: trainer, progress: progress)
    }
    if replicas.isRoot, (try? committed.get()) == nil, let pending = (try? began.get()) ?? nil {
      store.abandon(pending)
    }
    let result = try replicas.exchange(committed.map { [] }, name: "checkpoint committed", step: trainer.step)
    return try judge(result.map { _ in })
  }

  private func judge(_ result: Result<Void, any Error>) throws -> String? {
    guard case .failure(let error) = result else {
      failuresInARow = 0
      return nil
    }
    failuresInARow += 1
    if failuresInARow >= Self.toleratedFailures { throw error }
    return String(describing: error)
  }

  private func write(_ pending: PendingCheckpoint, trainer: Trainer) throws -> [FileRecord] {
    let group = trainer.replicas.group
    let shared = try pending.write(
      trainer.replicatedArenas.map(\.forCheckpoint), rank: group.rank, of: group.size)
    return trainer.replicas.isRoot ? try shared + pending.write(trainer.rootArenas.map(\.forCheckpoint)) : shared
  }

  private func commit(
    _ pending: PendingCheckpoint, records: [[UInt8]], trainer: Trainer, progress: TrainingRun.Progress
  ) throws {
    let decoded = try records.flatMap { try FileRecord.decode($0, from: pending.name) }
    let arenas = trainer.replicatedArenas + trainer.rootArenas
    let state = SavedState(
      step: trainer.step, facts: facts, values: trainer.checkpointValues, progress: progress)
    _ = try store.commit(
      pending, records: decoded,
      layouts: Dictionary(uniqueKeysWithValues: arenas.map { ($0.kind, $0.arena.layout.forCheckpoint) }),
      state: try state.encoded(), score: progress.lastScore)
    try store.retain(retention, resumedFrom: resumedFrom)
    resumedFrom = nil
  }

  /// Brings a trainer to where a checkpoint left off. All ranks take the same one: the newest that every rank finds whole.
  /// - Returns: what was found damaged on the way.
  func resume(
    _ choice: ResumeChoice, trainer: Trainer, progress: inout TrainingRun.Progress
  ) throws -> [String] {
    let replicas = trainer.replicas
    let source = store(for: choice)
    if replicas.isRoot {
      try store.removeLeftovers()
      if choice == .never { try store.setAside() }
    }
    guard let source else { return [] }
    var notes: [String] = []
    while true {
      let (name, rejected) = try candidate(in: source, replicas)
      notes += rejected
      guard let name else { break }
      let mine = Result { try source.verify(name) }
      let votes = try replicas.exchange(mine.map { Array($0.digest.utf8) }, name: "checkpoint vote", step: 0)
      if case .success(let digests) = votes, Set(digests).count == 1 {
        try load(source.load(mine.get()), trainer: trainer, progress: &progress)
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

  private func load(_ reader: CheckpointReader, trainer: Trainer, progress: inout TrainingRun.Progress) throws {
    let saved = try SavedState(decoding: try reader.state(), source: reader.checkpoint.path)
    if let difference = facts.difference(from: saved.facts) {
      throw TrainingError.foreignCheckpoint(path: reader.checkpoint.path, difference: difference)
    }
    try trainer.restore(values: saved.values, step: saved.step)
    for saved in trainer.replicatedArenas + trainer.rootArenas {
      try reader.read(saved.kind, saved.arena.layout.forCheckpoint, into: saved.arena.values)
    }
    progress = saved.progress
  }
}

/// Rank 0 could not begin the checkpoint; its own error says why.
private struct UncommittedCheckpoint: Error {}
