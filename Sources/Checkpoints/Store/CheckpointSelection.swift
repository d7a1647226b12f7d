import Crypto
import Support

/// Finding out which checkpoints may be loaded.
extension CheckpointStore {
  /// The newest checkpoint that is wholly valid, and the newer ones that are not; nil when there is none.
  public func newestValid() throws(StorageError) -> (checkpoint: Checkpoint?, rejected: [RejectedCheckpoint]) {
    var rejected: [RejectedCheckpoint] = []
    for name in try committedNames().reversed() {
      switch try judge(name, .contents) {
      case .success(let checkpoint): return (checkpoint, rejected)
      case .failure(let rejection): rejected.append(rejection)
      }
    }
    return (nil, rejected)
  }

  /// All checkpoints, oldest first, and the directories that only look like one.
  public func validCheckpoints(
    _ level: VerificationLevel = .sizes
  ) throws(StorageError) -> (checkpoints: [Checkpoint], rejected: [RejectedCheckpoint]) {
    var checkpoints: [Checkpoint] = []
    var rejected: [RejectedCheckpoint] = []
    for name in try committedNames() {
      switch try judge(name, level) {
      case .success(let checkpoint): checkpoints.append(checkpoint)
      case .failure(let rejection): rejected.append(rejection)
      }
    }
    return (checkpoints, rejected)
  }

  /// The checkpoint in the directory `name`; throws `CheckpointError` or `StorageError` when it must not be loaded.
  public func verify(_ name: String, _ level: VerificationLevel = .contents) throws -> Checkpoint {
    let path = path(name)
    let bytes = try storage.readFile("\(path)/\(CheckpointManifest.name)", atMost: CheckpointManifest.largest)
    let manifest = try CheckpointManifest(bytes, checkpoint: path)
    guard Self.step(of: name) == manifest.step else {
      throw CheckpointError(path, "its manifest is of step \(manifest.step)")
    }
    for record in manifest.files { try verify(record, in: path, level) }
    return Checkpoint(path: path, manifest: manifest, digest: SHA256.hash(data: bytes).hexadecimal)
  }

  private func verify(_ record: FileRecord, in path: String, _ level: VerificationLevel) throws {
    let file = try storage.openFile("\(path)/\(record.name)")
    let size = try file.size()
    guard size == record.bytes else {
      throw CheckpointError(path, "\(record.name) has \(size) bytes, not \(record.bytes)")
    }
    guard level == .contents else { return }
    var hash = SHA256()
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: min(max(size, 1), 1 << 20), alignment: 64)
    defer { chunk.deallocate() }
    for offset in stride(from: 0, to: size, by: chunk.count) {
      let part = UnsafeMutableRawBufferPointer(rebasing: chunk.prefix(size - offset))
      try file.read(into: part, at: offset)
      hash.update(bufferPointer: UnsafeRawBufferPointer(part))
    }
    guard hash.finalize().hexadecimal == record.sha256 else {
      throw CheckpointError(path, "\(record.name) does not match its digest")
    }
  }

  private func judge(
    _ name: String, _ level: VerificationLevel
  ) throws(StorageError) -> Result<Checkpoint, RejectedCheckpoint> {
    do {
      return .success(try verify(name, level))
    } catch let error as StorageError where !error.isOfTheFile {
      // Too many open files, or a file system that is gone, says nothing about this checkpoint.
      throw error
    } catch {
      return .failure(RejectedCheckpoint(name: name, why: "\(error)"))
    }
  }

  /// The names of committed checkpoints, oldest first; none when the directory does not exist.
  func committedNames() throws(StorageError) -> [String] {
    do {
      return try storage.list(directory).filter { Self.step(of: $0) != nil }
        .sorted { (Self.step(of: $0) ?? 0) < (Self.step(of: $1) ?? 0) }
    } catch {
      guard error.isAbsence else { throw error }
      return []
    }
  }
}
