import Checkpoints
import DataParallel
import Tensors
import Training

/// How a run finds the checkpoint that it continues from, and what becomes of the folder where it begins anew.
extension CheckpointKeeper {
  /// Brings a trainer to where a checkpoint left off. All ranks take the same one: the newest that every rank finds whole.
  /// - Returns: what was found damaged on the way.
  func resume(
    _ choice: ResumeChoice, trainer: Trainer, progress: inout RunProgress
  ) throws -> [String] {
    let replicas = trainer.replicas
    let source = store(for: choice)
    let sharing = sharing ?? .shared(rank: replicas.rank)
    if sharing.isFirst {
      try store.removeLeftovers()
      if !choice.namesFolder { try directory.removeLeftovers(averages: trainer.averages.map(\.name)) }
    }
    var notes: [String] = []
    if let source { notes += try load(from: source, sharing, trainer: trainer, progress: &progress) }
    if trainer.step == 0 {
      if case .from(let path) = choice { throw TrainingError.noCheckpoint(path: path) }
      if choice == .auto {
        notes.append("--resume auto found no checkpoint in \(store.directory), so the run begins with its first step")
      }
    }
    // Where a folder is named that has no checkpoint, nothing is touched.
    if sharing.isFirst, choice.namesFolder {
      try directory.removeLeftovers(averages: trainer.averages.map(\.name))
    }
    guard !isContinuation(choice, trainer) else { return notes }
    return notes + (try beginAnew(sharing))
  }

  /// Whether the run continues the one whose logs and models are in its folder.
  func isContinuation(_ choice: ResumeChoice, _ trainer: Trainer) -> Bool {
    guard trainer.step > 0, case .from(let path) = choice else { return trainer.step > 0 }
    return RunDirectory(path: path).isSame(as: directory)
  }

  /// Puts aside what another run left in the folder.
  /// - Returns: what the user should know of it.
  private func beginAnew(_ sharing: OutputSharing) throws -> [String] {
    guard sharing.isFirst else { return [] }
    let earlier = EarlierRun(directory)
    try earlier.checkInputs(inputs?.paths ?? [])
    let checkpoints = try store.setAside()
    let hasResults = try earlier.putAside()
    guard checkpoints > 0 || hasResults else { return [] }
    let count = checkpoints == 1 ? "1 checkpoint" : "\(checkpoints) checkpoints"
    let what = (hasResults ? ["models and logs"] : []) + (checkpoints > 0 ? [count] : [])
    let bytes = try PutAside.all(in: directory).reduce(0) { $0 + $1.bytes }
    return [
      "\(directory.path) held an earlier run: its \(what.joined(separator: " and ")) are put aside,"
        + " \(PutAside.megabytes(bytes)) by now; remove what lies aside with lockstep checkpoint prune \(directory.path)"
    ]
  }

  /// Loads the newest checkpoint that every rank finds whole, if there is one.
  /// - Returns: what the user should know of it.
  private func load(
    from source: CheckpointStore, _ sharing: OutputSharing, trainer: Trainer, progress: inout RunProgress
  ) throws -> [String] {
    let replicas = trainer.replicas
    var notes: [String] = []
    if !sharing.isShared {
      notes += try CheckpointHandout(store: source, replicas: replicas, sharing: sharing).run()
    }
    while true {
      let (name, rejected) = try candidate(in: source, replicas)
      notes += rejected
      guard let name else { return notes }
      let mine = Result { try source.verify(name) }
      let votes = try replicas.exchange(mine.map { Array($0.digest.utf8) }, name: "checkpoint vote", step: 0)
      if case .success(let digests) = votes, Set(digests).count == 1 {
        let inputs = try InputDigests.agreed(inputs, over: replicas)
        notes += try load(source.load(mine.get()), trainer: trainer, progress: &progress, inputs: inputs)
        resumedFrom = trainer.step
        return notes
      }
      notes.append("\(name) is not whole for every rank; falling back to an older one")
      if replicas.isRoot { try source.quarantine(name) }
    }
  }

  /// Rank 0's newest valid checkpoint, and what it found damaged before it.
  private func candidate(in source: CheckpointStore, _ replicas: DataParallelGroup) throws -> (
    name: String?, rejected: [String]
  ) {
    guard replicas.isRoot else { return (try replicas.broadcast(nil, name: "checkpoint choice", step: 0), []) }
    let found = try source.newestValid()
    for rejection in found.rejected { try source.quarantine(rejection.name) }
    let covered = try found.checkpoint.flatMap { try coveredByLedger(in: source, before: $0) }
    let name = try replicas.broadcast(
      (covered?.checkpoint ?? found.checkpoint)?.name, name: "checkpoint choice", step: 0)
    let notes = found.rejected.map { "\($0.name) is put aside: \($0.why)" }
    return (name, notes + [covered?.note].compactMap(\.self))
  }

  /// The checkpoint before the newest ones from which the run computes again what its ledger has lost, if there is one; the
  /// newer ones are put aside. Steps that no such checkpoint brings back are lost.
  private func coveredByLedger(
    in source: CheckpointStore, before newest: Checkpoint
  ) throws -> (checkpoint: Checkpoint, note: String)? {
    guard RunDirectory(path: source.directory).isSame(as: RunDirectory(path: store.directory)) else { return nil }
    let logged = LoggedSteps(try LogFile(directory.ledger).steps())
    // Beyond these a best model's checkpoint may lie, from which a run would have to come a long way.
    let recent = try source.validCheckpoints(.contents).checkpoints.suffix(max(2, retention.last))
    guard let step = logged.checkpoint(among: recent.map(\.step)),
      let checkpoint = recent.first(where: { $0.step == step })
    else { return nil }
    try source.setAside(after: step)
    let missing = LoggedSteps.text(of: logged.missing(through: newest.step).filter { $0.upperBound > step })
    return (
      checkpoint,
      "\(directory.ledger): lacks \(missing) of \(newest.step), so the run continues from the checkpoint of step \(step),"
        + " which it covers, and computes them again"
    )
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
    var progress = RunProgress()
    _ = try load(store.load(newest), trainer: trainer, progress: &progress)
    return newest.step
  }

  /// - Parameter inputs: what the run reads now; nil where nobody looks.
  /// - Returns: what the user should know of it.
  private func load(
    _ reader: CheckpointReader, trainer: Trainer, progress: inout RunProgress, inputs: [String: String]? = nil
  ) throws -> [String] {
    let saved = try SavedState(decoding: try reader.state(), source: reader.checkpoint.path)
    try saved.check(against: reader.checkpoint)
    try trainer.checkShapes(of: reader)
    if let difference = facts.difference(from: saved.facts) {
      throw TrainingError.foreignCheckpoint(path: reader.checkpoint.path, difference: difference)
    }
    var notes: [String] = []
    if let inputs {
      let changed = InputDigests.changed(from: saved.inputs ?? inputs, to: inputs)
      guard changed.isEmpty else { throw TrainingError.otherInputs(path: reader.checkpoint.path, names: changed) }
      if saved.inputs == nil {
        notes.append(
          "\(reader.checkpoint.name) does not say which rows and which model it began with; make sure that they are the same"
        )
      }
    }
    try trainer.restore(values: saved.values, step: saved.step)
    // What techniques keep has its place only now.
    try trainer.checkShapes(of: reader)
    for saved in trainer.jointArenas + trainer.rootArenas {
      try reader.read(saved.kind, saved.arena.layout.forCheckpoint, saved.arena.range, into: saved.arena.values)
    }
    progress = saved.progress
    if let before = saved.facts.best, let best = facts.best, before != best {
      progress.forgetBest()
      notes.append(
        "evaluate.best was \(before) and is now \(best), so models/best begins anew with the next evaluation")
    }
    return notes + (try RankState.read(reader, into: trainer))
  }
}
