/// A checkpoint that is being written: a directory that nobody takes for a checkpoint until it is committed.
public struct PendingCheckpoint: Sendable {
  /// The committed steps that its state comes after.
  public let step: Int
  /// The directory's name, for other ranks to join.
  public let name: String

  let path: String
  let storage: any Storage
  let chunk: Int

  /// Writes rank `rank`'s share of each arena and gives the records that the commit needs from every rank.
  ///
  /// With one rank a kind is one ordinary safetensors file, `KIND.safetensors`; with more, each rank writes
  /// `KIND.part-RR-of-PP.safetensors`, unless its share is empty. Throws `StorageError`, and `CancellationError`
  /// within one chunk after `isCancelled` becomes true.
  public func write(
    _ arenas: [StateArena], rank: Int = 0, of ranks: Int = 1, isCancelled: @escaping () -> Bool = { false }
  ) throws -> [FileRecord] {
    try arenas.compactMap { arena in
      let share = StateSnapshot.Share(rank: rank, of: ranks)
      return try write(arena.kind, arena.layout, share, isCancelled: isCancelled) { writer, piece in
        try writer.write(UnsafeRawBufferPointer(arena.elements(piece.arena)))
      }
    }
  }

  /// Writes what was copied, just as `write(_:rank:of:)` writes arenas.
  public func write(
    _ snapshot: StateSnapshot, isCancelled: @escaping () -> Bool = { false }
  ) throws -> [FileRecord] {
    precondition(snapshot.missing == 0, "\(snapshot.missing) elements of a snapshot were never brought")
    return try snapshot.parts.compactMap { part in
      var rest = UnsafeRawBufferPointer(snapshot.values(part))[...]
      return try write(part.kind, part.layout, part.share, isCancelled: isCancelled) { writer, piece in
        let bytes = rest.prefix(piece.arena.count * MemoryLayout<Float>.size)
        try writer.write(UnsafeRawBufferPointer(rebasing: bytes))
        rest = rest[bytes.endIndex...]
      }
    }
  }

  /// Writes the file of one share; nil where the share is empty.
  private func write(
    _ kind: String, _ layout: StateLayout, _ share: StateSnapshot.Share, isCancelled: @escaping () -> Bool,
    _ body: (inout HashingWriter, StateLayout.Piece) throws -> Void
  ) throws -> FileRecord? {
    let range = layout.share(of: share.rank, of: share.ranks)
    guard !range.isEmpty else { return nil }
    let pieces = layout.pieces(in: range)
    let header = SafetensorsHeader.encode(
      pieces.map { ($0.name, .float32, $0.shape) }, metadata: ["format": "pt", "kind": kind])
    let name = share.ranks == 1 ? "\(kind).safetensors" : Self.partName(kind, share.rank, share.ranks)
    var writer = try HashingWriter(
      "\(path)/\(name)", bytes: header.count + range.count * MemoryLayout<Float>.size, storage: storage,
      chunk: chunk, isCancelled: isCancelled)
    try header.withUnsafeBytes { try writer.write($0) }
    for piece in pieces { try body(&writer, piece) }
    return try writer.finish(part: FileRecord.Part(kind: kind, range: range))
  }

  /// Writes a file of any other content, such as what only one rank knows; `file` must differ between ranks.
  public func write(_ bytes: [UInt8], file: String) throws -> FileRecord {
    precondition(FileRecord.isPlain(file), "\(file) cannot be the name of a file of a checkpoint")
    var writer = try HashingWriter(
      "\(path)/\(file)", bytes: bytes.count, storage: storage, chunk: chunk, isCancelled: { false })
    try bytes.withUnsafeBytes { try writer.write($0) }
    return try writer.finish()
  }

  private static func partName(_ kind: String, _ rank: Int, _ ranks: Int) -> String {
    func digits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(kind).part-\(digits(rank))-of-\(digits(ranks)).safetensors"
  }
}
