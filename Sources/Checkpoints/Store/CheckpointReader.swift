import Crypto
import Support

/// A checkpoint opened for reading; its arenas stay readable even when the checkpoint is removed meanwhile.
public final class CheckpointReader {
  /// The checkpoint that is read.
  public let checkpoint: Checkpoint

  /// An open file with a range of a kind's packed elements.
  private struct Part {
    let file: any StorageFile
    let dataStart: Int
    let range: Range<Int>
  }

  private let storage: any Storage
  private let parts: [String: [Part]]

  init(_ checkpoint: Checkpoint, storage: any Storage) throws {
    self.checkpoint = checkpoint
    self.storage = storage
    var parts: [String: [Part]] = [:]
    for (kind, layout) in checkpoint.manifest.layouts {
      parts[kind] = try checkpoint.manifest.parts(of: kind).map { record in
        try Self.open(record, layout: layout, path: "\(checkpoint.path)/\(record.name)", storage: storage)
      }
    }
    self.parts = parts
  }

  /// The kinds of state in the checkpoint, sorted.
  public var kinds: [String] { parts.keys.sorted() }

  /// The tensors of one kind of state, packed; nil when the checkpoint has no such kind.
  public func layout(of kind: String) -> StateLayout? { checkpoint.manifest.layouts[kind] }

  /// The trainer's state, as it was committed.
  public func state() throws -> [UInt8] { try bytes(of: CheckpointStore.stateName) }

  /// A file that is not an arena, as it was committed.
  public func bytes(of file: String) throws -> [UInt8] {
    guard let record = checkpoint.manifest.files.first(where: { $0.name == file }) else {
      throw CheckpointError(
        checkpoint.path, "has no file \(quoted(file))", advice: "check that it was written by the same recipe")
    }
    let bytes = try storage.readFile("\(checkpoint.path)/\(record.name)", atMost: record.bytes)
    guard SHA256.hash(data: bytes).hexadecimal == record.sha256 else {
      throw CheckpointError(checkpoint.path, "\(record.name) does not match its digest")
    }
    return bytes
  }

  /// How the checkpoint's tensors of one kind differ from `layout`; a kind it lacks has no tensors.
  public func difference(_ kind: String, from layout: StateLayout) -> LayoutDifference {
    LayoutDifference(wanted: layout, found: self.layout(of: kind) ?? StateLayout([]))
  }

  /// Reads one kind of state into an arena, joined by name and shape; padding is left alone.
  ///
  /// Throws `CheckpointError` when the tensors differ from those of `layout`.
  public func read(_ kind: String, _ layout: StateLayout, into arena: UnsafeMutableBufferPointer<Float>) throws {
    precondition(arena.count >= layout.extent, "\(arena.count) elements for a layout of \(layout.extent)")
    try read(kind, layout, 0..<layout.extent, into: arena)
  }

  /// Reads the elements `range` of an arena, for ranks that each keep or fetch only a part; `destination[0]` is the
  /// first of them.
  public func read(
    _ kind: String, _ layout: StateLayout, _ range: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>
  ) throws {
    precondition(destination.count >= range.count, "\(destination.count) elements for a range of \(range.count)")
    let difference = difference(kind, from: layout)
    guard difference.isEmpty, let found = self.layout(of: kind) else {
      throw CheckpointError(
        checkpoint.path, "\(kind) does not fit the model: \(difference)",
        advice: "resume with the recipe that wrote it")
    }
    for slot in layout.slots {
      let wanted = (slot.offset..<slot.offset + slot.packed.count).clamped(to: range)
      guard !wanted.isEmpty, let source = found[slot.name]?.packed else { continue }
      let begin = source.lowerBound + wanted.lowerBound - slot.offset
      let place = wanted.lowerBound - range.lowerBound
      let target = UnsafeMutableBufferPointer(rebasing: destination[place..<place + wanted.count])
      try read(parts[kind] ?? [], packed: begin..<begin + wanted.count, into: target)
    }
  }

  /// Writes kinds of state as one safetensors file with whole tensors, such as transformers reads.
  public func export(_ kinds: String..., to path: String) throws {
    var writer = SafetensorsWriter()
    var memory: [UnsafeMutableBufferPointer<Float>] = []
    defer { memory.forEach { $0.deallocate() } }
    for kind in kinds {
      guard let layout = layout(of: kind) else {
        throw CheckpointError(
          checkpoint.path, "has no state of kind \(quoted(kind))",
          advice: "choose one of \(self.kinds.joined(separator: ", "))")
      }
      let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: layout.count)
      memory.append(values)
      try read(kind, layout, into: values)
      for slot in layout.slots {
        writer.add(slot.name, shape: slot.shape, UnsafeBufferPointer(rebasing: values[slot.packed]))
      }
    }
    try writer.write(to: path, storage: storage)
  }

  private func read(_ parts: [Part], packed: Range<Int>, into target: UnsafeMutableBufferPointer<Float>) throws {
    for part in parts {
      let shared = packed.clamped(to: part.range)
      guard !shared.isEmpty else { continue }
      let place = shared.lowerBound - packed.lowerBound
      let room = UnsafeMutableBufferPointer(rebasing: target[place..<place + shared.count])
      let offset = part.dataStart + (shared.lowerBound - part.range.lowerBound) * MemoryLayout<Float>.size
      try part.file.read(into: UnsafeMutableRawBufferPointer(room), at: offset)
    }
  }

  /// Opens a file of an arena and makes sure that it holds exactly what the manifest says, in that order.
  private static func open(
    _ record: FileRecord, layout: StateLayout, path: String, storage: any Storage
  ) throws -> Part {
    let range = record.part?.range ?? 0..<0
    let file = try storage.openFile(path)
    let size = try file.size()
    let prefix = try bytes(of: file, 0..<min(size, SafetensorsHeader.lengthBytes))
    let length = try prefix.withUnsafeBytes { try SafetensorsHeader.length($0, fileSize: size, file: path) }
    let json = try bytes(of: file, SafetensorsHeader.lengthBytes..<SafetensorsHeader.lengthBytes + length)
    let header = try json.withUnsafeBytes { try SafetensorsHeader(json: $0, fileSize: size, file: path) }
    let expected = layout.pieces(in: range)
    let isRight = header.entries.elementsEqual(expected) { entry, piece in
      entry.name == piece.name && entry.shape == piece.shape && entry.type == .float32
    }
    guard isRight else { throw CheckpointError(path, "does not hold the tensors that the manifest says") }
    return Part(file: file, dataStart: header.dataStart, range: range)
  }

  private static func bytes(of file: any StorageFile, _ range: Range<Int>) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: range.count)
    try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: range.lowerBound) }
    return bytes
  }
}

extension CheckpointStore {
  /// Opens a checkpoint for reading.
  ///
  /// Its contents are those that `newestValid` or `verify` have digested; here the headers are checked against the
  /// manifest, so that no element is taken for another.
  public func load(_ checkpoint: Checkpoint) throws -> CheckpointReader {
    try CheckpointReader(checkpoint, storage: storage)
  }
}
