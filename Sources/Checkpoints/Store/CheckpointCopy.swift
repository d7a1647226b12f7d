/// A committed checkpoint that is read file by file, to be copied to another disk.
public final class CheckpointSource {
  /// Its files, the manifest last.
  public let files: [FileRecord]
  private let path: String
  private let storage: any Storage
  private var open: (name: String, file: any StorageFile)?

  /// Opens a checkpoint of a store.
  public init(_ checkpoint: Checkpoint, in store: CheckpointStore) throws(StorageError) {
    (path, storage) = (checkpoint.path, store.storage)
    let size = try storage.openFile("\(path)/\(CheckpointManifest.name)").size()
    files =
      checkpoint.manifest.files + [
        FileRecord(name: CheckpointManifest.name, bytes: size, sha256: checkpoint.digest, part: nil)
      ]
  }

  /// Reads a part of a file.
  public func read(
    _ file: FileRecord, at offset: Int, into bytes: UnsafeMutableRawBufferPointer
  ) throws(StorageError) {
    if open?.name != file.name { open = (file.name, try storage.openFile("\(path)/\(file.name)")) }
    try open?.file.read(into: bytes, at: offset)
  }
}

/// A checkpoint that comes from another disk: like one that is written, it is there wholly or not at all.
public final class CheckpointCopy {
  private let store: CheckpointStore
  private let pending: PendingCheckpoint
  private var open: (record: FileRecord, file: any StorageFile)?

  init(step: Int, in store: CheckpointStore) throws(StorageError) {
    self.store = store
    pending = try store.begin(step: step)
  }

  /// Takes the next bytes of a file; a file's bytes come in order, and its first ones begin it.
  public func append(_ bytes: UnsafeRawBufferPointer, to record: FileRecord, at offset: Int) throws {
    if offset == 0 {
      try finishFile()
      guard FileRecord.isPlain(record.name) else {
        throw CheckpointError(pending.path, "is to have a file \(quoted(record.name))")
      }
      let file = try store.storage.createFile("\(pending.path)/\(record.name)")
      try file.allocate(record.bytes)
      open = (record, file)
    }
    try open?.file.write(bytes)
  }

  /// Makes the copy a checkpoint of its store; whoever loads it verifies it first. One of the same step, and later ones, are of
  /// another history and put aside.
  public func commit() throws {
    try finishFile()
    try store.storage.synchronizeDirectory(pending.path)
    try store.setAside(after: pending.step - 1)
    try store.storage.rename(pending.path, to: store.path(CheckpointStore.name(of: pending.step)))
    try store.storage.synchronizeDirectory(store.directory)
  }

  /// Removes what has come so far.
  public func abandon() {
    open = nil
    store.abandon(pending)
  }

  private func finishFile() throws(StorageError) {
    guard let (_, file) = open else { return }
    open = nil
    try file.synchronize()
    try file.close()
  }
}

extension CheckpointStore {
  /// Begins to take a checkpoint from another disk.
  public func copy(step: Int) throws(StorageError) -> CheckpointCopy { try CheckpointCopy(step: step, in: self) }
}
