/// The directory `OUTPUT/checkpoints`: what is in it exists wholly or not at all.
///
///     step-00000400/                      one committed checkpoint
///       weights.safetensors               one file per kind of state, written by one rank; or, by several ranks,
///       weights.part-00-of-02.safetensors …  each rank's equal share of the kind's elements
///       state.json                        everything that is not an arena; the trainer's own
///       manifest.json                     sizes and SHA-256 of all files, names and shapes of all tensors
///     .tmp-step-00000600-NONCE/           being written
///     .trash-… .corrupt-… .aside-…        being removed; found damaged; put aside on request
///
/// A share is cut by element, not by tensor: a tensor that is cut lies in two files as `NAME[begin:end]`. The ranges
/// are of the packed space (see `StateLayout`) and are in the manifest, so that any number of ranks, with arenas
/// aligned in any way, reads what any other number wrote.
///
/// A commit has two phases. First every rank writes its files and makes them last (fsync). Then one rank writes the
/// manifest, makes it and the directory last, and renames the directory: that rename is the commit, and one more
/// fsync of the parent makes it last. A death before it leaves the old checkpoints, a death after it the new one too.
/// Nothing is trusted without a manifest that matches its own digest and the digests of all files.
///
/// One run owns the directory at a time; the ranks of a run share it.
public struct CheckpointStore: Sendable {
  /// The path of the directory.
  public let directory: String

  let storage: any Storage
  private let chunk: Int

  /// The name of the file with the trainer's state.
  public static let stateName = "state.json"

  /// A store in `directory`, which is made at the first commit; nothing is touched yet.
  public init(directory: String, storage: any Storage = PosixStorage()) {
    self.init(directory: directory, storage: storage, chunk: 1 << 20)
  }

  /// A store that writes `chunk` bytes at a time; tests make it small to have many writes.
  package init(directory: String, storage: any Storage, chunk: Int) {
    self.directory = directory
    self.storage = storage
    self.chunk = chunk
  }

  // MARK: Writing

  /// Begins a checkpoint after `step` committed steps; one rank begins, the others join.
  public func begin(step: Int) throws(StorageError) -> PendingCheckpoint {
    try storage.makeDirectories(directory)
    let pending = pending(step: step, name: "\(Self.temporaryPrefix)\(Self.name(of: step))-\(nonce())")
    try storage.makeDirectory(pending.path)
    return pending
  }

  /// The checkpoint that another rank has begun, by the step and the name it sent.
  public func join(step: Int, name: String) throws(CheckpointError) -> PendingCheckpoint {
    let suffix = name.dropFirst("\(Self.temporaryPrefix)\(Self.name(of: step))-".count)
    guard name == "\(Self.temporaryPrefix)\(Self.name(of: step))-\(suffix)", FileRecord.isPlain(String(suffix)) else {
      throw CheckpointError(
        directory, "\(quoted(name)) is not a checkpoint of step \(step) being written",
        advice: "check that all ranks run the same program")
    }
    return pending(step: step, name: name)
  }

  /// Commits what all ranks have written; `records` are those of every rank, `layouts` those of every kind written.
  ///
  /// After an error the older checkpoints are as they were. An error of the last call alone, the fsync after the
  /// rename, may leave the new one in place as well.
  public func commit(
    _ pending: PendingCheckpoint, records: [FileRecord], layouts: [String: StateLayout], state: [UInt8],
    score: Double? = nil
  ) throws -> Checkpoint {
    let name = Self.name(of: pending.step)
    if try storage.exists(path(name)) {
      guard (try? verify(name)) == nil else {
        throw CheckpointError(
          path(name), "step \(pending.step) is committed already",
          advice: "resume from it, or choose another output directory")
      }
      try quarantine(name)
    }
    let stateRecord = try pending.write(state, file: Self.stateName)
    let manifest = try CheckpointManifest(
      step: pending.step, score: score.flatMap { $0.isFinite ? $0 : nil }, layouts: layouts.mapValues(\.packed),
      files: records + [stateRecord], checkpoint: pending.path)
    let record = try pending.write(manifest.encoded(), file: CheckpointManifest.name)
    try storage.synchronizeDirectory(pending.path)
    try storage.rename(pending.path, to: path(name))
    try storage.synchronizeDirectory(directory)
    return Checkpoint(path: path(name), manifest: manifest, digest: record.sha256)
  }

  /// Removes what was written of a checkpoint that will not be committed, as far as the disk allows;
  /// `removeLeftovers` takes the rest at the next start.
  public func abandon(_ pending: PendingCheckpoint) {
    try? removeTree(pending.path)
  }

  /// Writes and commits a checkpoint by this process alone.
  public func save(
    step: Int, _ arenas: [StateArena], state: [UInt8], score: Double? = nil,
    isCancelled: @escaping () -> Bool = { false }
  ) throws -> Checkpoint {
    let pending = try begin(step: step)
    do {
      let records = try pending.write(arenas, isCancelled: isCancelled)
      let layouts = Dictionary(uniqueKeysWithValues: arenas.map { ($0.kind, $0.layout) })
      return try commit(pending, records: records, layouts: layouts, state: state, score: score)
    } catch {
      abandon(pending)
      throw error
    }
  }

  // MARK: Names

  static let temporaryPrefix = ".tmp-"
  static let trashPrefix = ".trash-"
  static let asidePrefix = ".aside-"
  static let corruptPrefix = ".corrupt-"

  /// The directory name of the checkpoint after `step` steps.
  static func name(of step: Int) -> String {
    precondition(step >= 0, "a checkpoint of step \(step)")
    let digits = String(step)
    return "step-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }

  /// The step of a directory name, or nil when it is not a checkpoint's.
  static func step(of name: String) -> Int? {
    guard name.hasPrefix("step-"), let step = Int(name.dropFirst(5)), step >= 0, Self.name(of: step) == name else {
      return nil
    }
    return step
  }

  func path(_ name: String) -> String { "\(directory)/\(name)" }

  private func pending(step: Int, name: String) -> PendingCheckpoint {
    PendingCheckpoint(step: step, name: name, path: path(name), storage: storage, chunk: chunk)
  }
}
