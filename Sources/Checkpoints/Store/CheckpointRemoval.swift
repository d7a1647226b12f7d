/// Taking checkpoints away without a moment at which half of one looks whole.
extension CheckpointStore {
  /// Removes what the policy does not keep and gives the steps removed; to be called after a commit.
  ///
  /// Only checkpoints that look whole count as kept: a damaged one never pushes out an older good one.
  @discardableResult
  public func retain(_ policy: RetentionPolicy, resumedFrom: Int? = nil) throws(StorageError) -> [Int] {
    let checkpoints = try validCheckpoints(.sizes).checkpoints
    let victims = policy.victims(of: checkpoints.map { ($0.step, $0.score) }, resumedFrom: resumedFrom)
    for step in victims { try remove(Self.name(of: step)) }
    return victims
  }

  /// Renames a damaged checkpoint to `.corrupt-…`, so that nobody looks at it again and somebody still can.
  public func quarantine(_ name: String) throws(StorageError) {
    try move(name, Self.corruptPrefix)
  }

  /// Renames the checkpoints after `step` to `.aside-…`, all of them by default: for a run that begins anew, or
  /// from an older one, and must not find the later checkpoints of another history.
  /// - Returns: how many they were.
  @discardableResult
  public func setAside(after step: Int = -1) throws(StorageError) -> Int {
    let names = try committedNames().filter { (Self.step(of: $0) ?? 0) > step }
    for name in names { try move(name, Self.asidePrefix) }
    return names.count
  }

  /// The folders that `setAside` and `quarantine` made, which nothing reads any more.
  package func idleNames() throws(StorageError) -> [(name: String, step: Int?, isDamaged: Bool)] {
    let names: [String]
    do {
      names = try storage.list(directory)
    } catch {
      guard error.isAbsence else { throw error }
      return []
    }
    return names.compactMap { name in
      guard let prefix = [Self.asidePrefix, Self.corruptPrefix].first(where: { name.hasPrefix($0) }) else { return nil }
      // The name of the checkpoint, and a nonce behind it.
      let former = name.dropFirst(prefix.count).split(separator: "-").dropLast().joined(separator: "-")
      return Self.step(of: former).map { (name, $0, prefix == Self.corruptPrefix) }
    }
  }

  /// Removes what dead runs left behind unfinished; to be called by one rank before the first commit of a run.
  public func removeLeftovers() throws(StorageError) {
    let names: [String]
    do {
      names = try storage.list(directory)
    } catch {
      guard error.isAbsence else { throw error }
      return
    }
    for name in names where name.hasPrefix(Self.temporaryPrefix) || name.hasPrefix(Self.trashPrefix) {
      try removeTree(path(name))
    }
  }

  private func remove(_ name: String) throws(StorageError) {
    // The new name must last before the first file goes, or a crash could bring back a checkpoint with holes.
    try removeTree(path(move(name, Self.trashPrefix)))
  }

  @discardableResult
  private func move(_ name: String, _ prefix: String) throws(StorageError) -> String {
    let newName = "\(prefix)\(name)-\(nonce())"
    try storage.rename(path(name), to: path(newName))
    try storage.synchronizeDirectory(directory)
    return newName
  }

  /// Removes a folder with all that is in it. A symbolic link is removed, never followed.
  func removeTree(_ path: String) throws(StorageError) {
    let names: [String]
    do {
      names = try storage.list(path)
    } catch {
      guard error.isNoDirectory else { throw error }
      return try storage.removeFile(path)
    }
    for name in names {
      do {
        try storage.removeFile("\(path)/\(name)")
      } catch {
        guard error.isDirectory else { throw error }
        try removeTree("\(path)/\(name)")
      }
    }
    try storage.removeDirectory(path)
  }
}
