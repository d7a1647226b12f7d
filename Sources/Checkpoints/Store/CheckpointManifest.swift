import Crypto
import Support

/// What a checkpoint consists of: the last file written before the commit, and the first one read.
///
/// JSON text of one member a line. The last member is the SHA-256 of every byte before it, so that a flipped bit
/// anywhere in the manifest is found, and through the manifest's digests a flipped bit anywhere in the checkpoint.
package struct CheckpointManifest: Equatable {
  /// The format written and read by this version.
  static let format = "lockstep-checkpoint-1"
  /// The manifest's name in the checkpoint's directory.
  package static let name = "manifest.json"
  /// The largest manifest read, in bytes.
  static let largest = 64 << 20

  /// The committed steps before this checkpoint.
  package let step: Int
  /// How good the model is, for keeping the best; larger is better; nil when it was not evaluated.
  package let score: Double?
  /// The tensors of each kind of state, by kind.
  package let layouts: [String: StateLayout]
  /// All files but the manifest, by name.
  package let files: [FileRecord]

  /// The manifest of these files, or an error when they do not hold every element of every layout exactly once.
  init(
    step: Int, score: Double?, layouts: [String: StateLayout], files: [FileRecord], checkpoint: String
  ) throws(CheckpointError) {
    self.step = step
    self.score = score
    self.layouts = layouts
    self.files = files.sorted { $0.name < $1.name }
    for (file, next) in zip(self.files, self.files.dropFirst()) where file.name == next.name {
      throw CheckpointError(checkpoint, "lists the file \(file.name) twice")
    }
    let unknown = Set(files.compactMap(\.part?.kind)).subtracting(layouts.keys)
    guard unknown.isEmpty else {
      throw CheckpointError(checkpoint, "has files of the unknown kinds \(unknown.sorted())")
    }
    for (kind, layout) in layouts {
      let end = parts(of: kind).reduce(0) { $1.part?.range.lowerBound == $0 ? $1.part?.range.upperBound ?? -1 : -1 }
      guard end == layout.count else {
        throw CheckpointError(checkpoint, "its files do not hold every element of \(quoted(kind)) exactly once")
      }
    }
  }

  /// The files of one kind of state in the order of their elements.
  func parts(of kind: String) -> [FileRecord] {
    files.filter { $0.part?.kind == kind }
      .sorted { ($0.part?.range.lowerBound ?? 0) < ($1.part?.range.lowerBound ?? 0) }
  }

  // MARK: Text

  /// The manifest's bytes, seal included.
  func encoded() -> [UInt8] {
    let kinds = layouts.sorted { $0.key < $1.key }.map { kind, layout in
      let tensors = layout.slots.map { "{\"name\":\(JSONLine.quoted($0.name)),\"shape\":\($0.shape)}" }
      return "{\"kind\":\(JSONLine.quoted(kind)),\"tensors\":[\(tensors.joined(separator: ","))]}"
    }
    let lines = [
      "{\"format\":\(JSONLine.quoted(Self.format))", "\"step\":\(step)", score.map { "\"score\":\($0)" },
      "\"files\":[\n\(files.map(\.json).joined(separator: ",\n"))]", "\"state\":[\n\(kinds.joined(separator: ",\n"))]",
    ]
    return Self.sealed(Array(lines.compactMap(\.self).joined(separator: ",\n").utf8))
  }

  /// Reads a manifest; `checkpoint` is the path named in errors.
  package init(_ bytes: [UInt8], checkpoint: String) throws(CheckpointError) {
    let bodyCount = bytes.count - Self.seal(of: []).count
    guard bodyCount > 0, bytes[bodyCount...] == Self.seal(of: bytes[..<bodyCount])[...] else {
      throw CheckpointError(checkpoint, "the manifest does not match its own digest")
    }
    var step: Int?
    var score: Double?
    var files: [FileRecord] = []
    var layouts: [String: StateLayout] = [:]
    do {
      try bytes.withUnsafeBytes { bytes in
        var reader = JSONReader(bytes)
        try reader.object { reader, key in
          switch key {
          case "format":
            let format = try reader.string()
            guard format == Self.format else { throw reader.failure("unknown format \(quoted(format))") }
          case "step": step = try reader.integer()
          case "score": score = try reader.number()
          case "files": files = try FileRecord.decode(&reader)
          case "state": layouts = try Self.layouts(&reader)
          case "manifest_sha256": _ = try reader.string()
          default: throw reader.failure("unknown field \(quoted(key))")
          }
        }
        try reader.end()
      }
    } catch {
      throw CheckpointError(checkpoint, "has a manifest that cannot be read: \(error)")
    }
    guard let step else { throw CheckpointError(checkpoint, "has a manifest without a step") }
    try self.init(step: step, score: score, layouts: layouts, files: files, checkpoint: checkpoint)
  }

  private static func layouts(_ reader: inout JSONReader) throws -> [String: StateLayout] {
    var layouts: [String: StateLayout] = [:]
    try reader.array { reader in
      var kind: String?
      var tensors: [(name: String, shape: [Int], offset: Int)] = []
      try reader.object { reader, key in
        switch key {
        case "kind": kind = try reader.string()
        case "tensors": try reader.array { tensors.append(try tensor(&$0)) }
        default: throw reader.failure("unknown field \(quoted(key))")
        }
      }
      guard let kind, let layout = StateLayout.checked(tensors) else {
        throw reader.failure("no kind, or tensors that cannot be")
      }
      guard layouts.updateValue(layout.packed, forKey: kind) == nil else {
        throw reader.failure("the kind \(quoted(kind)) stands twice")
      }
    }
    return layouts
  }

  private static func tensor(_ reader: inout JSONReader) throws -> (name: String, shape: [Int], offset: Int) {
    var name: String?
    var shape: [Int] = []
    try reader.object { reader, key in
      switch key {
      case "name": name = try reader.string()
      case "shape":
        try reader.array { reader in
          guard shape.count < SafetensorsHeader.deepest else { throw reader.failure("too many extents") }
          shape.append(try reader.integer())
        }
      default: throw reader.failure("unknown field \(quoted(key))")
      }
    }
    guard let name else { throw reader.failure("a tensor without a name") }
    return (name, shape, 0)
  }

  // MARK: Seal

  /// `body`, a JSON object without its end, closed by its own digest.
  package static func sealed(_ body: [UInt8]) -> [UInt8] {
    body + seal(of: body[...])
  }

  private static func seal(of body: ArraySlice<UInt8>) -> [UInt8] {
    var hash = SHA256()
    body.withUnsafeBytes { hash.update(bufferPointer: $0) }
    return Array(",\n\"manifest_sha256\":\"\(hash.finalize().hexadecimal)\"}\n".utf8)
  }
}
