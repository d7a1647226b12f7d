import Support

/// What the manifest says of one file of a checkpoint, and what a rank reports when it has written one.
public struct FileRecord: Equatable, Sendable {
  /// The part of an arena that a safetensors file holds.
  public struct Part: Equatable, Sendable {
    /// The kind of state: "weights", "first_moment" …
    public let kind: String
    /// The elements of the kind's packed space that are in the file.
    public let range: Range<Int>
  }

  /// The file's name in the checkpoint's directory.
  public let name: String
  /// The file's size.
  public let bytes: Int
  /// The SHA-256 of the file, in hexadecimal.
  public let sha256: String
  /// The part of an arena in it; nil for files of any other content.
  public let part: Part?

  /// The records as bytes, for a rank to send to the one that commits.
  public static func encode(_ records: [FileRecord]) -> [UInt8] {
    Array("[\(records.map(\.json).joined(separator: ","))]".utf8)
  }

  /// The records from the bytes of another rank; `source` names it in errors.
  public static func decode(_ bytes: [UInt8], from source: String) throws(CheckpointError) -> [FileRecord] {
    do {
      return try bytes.withUnsafeBytes { bytes in
        var reader = JSONReader(bytes)
        let records = try decode(&reader)
        try reader.end()
        return records
      }
    } catch {
      throw CheckpointError(
        source, "reports files that cannot be read: \(error)", advice: "check that all ranks run the same program")
    }
  }

  var json: String {
    let place = part.map {
      ",\"kind\":\(JSONLine.quoted($0.kind)),\"begin\":\($0.range.lowerBound),\"end\":\($0.range.upperBound)"
    }
    return "{\"name\":\(JSONLine.quoted(name)),\"bytes\":\(bytes),\"sha256\":\(JSONLine.quoted(sha256))\(place ?? "")}"
  }

  static func decode(_ reader: inout JSONReader) throws -> [FileRecord] {
    var records: [FileRecord] = []
    try reader.array { records.append(try FileRecord(&$0)) }
    return records
  }

  init(name: String, bytes: Int, sha256: String, part: Part?) {
    self.name = name
    self.bytes = bytes
    self.sha256 = sha256
    self.part = part
  }

  private init(_ reader: inout JSONReader) throws {
    var name: String?
    var sha256: String?
    var kind: String?
    var numbers: [String: Int] = [:]
    try reader.object { reader, key in
      switch key {
      case "name": name = try reader.string()
      case "sha256": sha256 = try reader.string()
      case "kind": kind = try reader.string()
      case "bytes", "begin", "end":
        let value = try reader.integer()
        guard value >= 0 else { throw reader.failure("\(key) is negative") }
        numbers[key] = value
      default: throw reader.failure("unknown field \(quoted(key))")
      }
    }
    guard let name, Self.isPlain(name) else { throw reader.failure("no name that a file in the checkpoint can have") }
    guard let bytes = numbers["bytes"], let sha256, sha256.utf8.count == 64 else {
      throw reader.failure("no size or digest of \(quoted(name))")
    }
    switch (kind, numbers["begin"], numbers["end"]) {
    case (nil, nil, nil): self.init(name: name, bytes: bytes, sha256: sha256, part: nil)
    case (let kind?, let begin?, let end?) where begin < end:
      self.init(name: name, bytes: bytes, sha256: sha256, part: Part(kind: kind, range: begin..<end))
    default: throw reader.failure("a part that is none in \(quoted(name))")
    }
  }

  /// Whether `name` can only be a file in the directory itself: letters, digits, "-", "_" and ".", not first a dot.
  static func isPlain(_ name: String) -> Bool {
    guard (1...255).contains(name.utf8.count), !name.hasPrefix(".") else { return false }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
        true
      default: false
      }
    }
  }
}
