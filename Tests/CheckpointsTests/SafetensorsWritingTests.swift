import Checkpoints
import Foundation
import Testing

/// What is written, and that a crash cannot leave half of it.
@Suite struct SafetensorsWritingTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func write(_ floats: [Float], _ integers: [Int64], to name: String) throws {
    try floats.withUnsafeBufferPointer { floats in
      try integers.withUnsafeBufferPointer { integers in
        var writer = SafetensorsWriter()
        writer.add("z \"quoted\"", shape: [floats.count, 1], floats)
        writer.add("a", shape: [integers.count], integers)
        try writer.write(to: folder[name])
      }
    }
  }

  @Test("what is written is read back bit for bit, in the order given")
  func roundTrip() throws {
    let floats: [Float] = [1.5, -0.0, .infinity, .leastNonzeroMagnitude, Float(bitPattern: 0x7FC0_0001)]
    try write(floats, [.min, 0, .max], to: "x.safetensors")
    let file = try SafetensorsFile(folder["x.safetensors"])
    #expect(file.names == ["z \"quoted\"", "a"])
    #expect(file.metadata == ["format": "pt"])
    #expect(try file.floats("z \"quoted\"").map(\.bitPattern) == floats.map(\.bitPattern))
    #expect(try file.integers("a") == [.min, 0, .max])
  }

  @Test("every type of element keeps its bytes", arguments: ElementType.allCases)
  func types(type: ElementType) throws {
    let bytes = (0..<type.width * 6).map { UInt8(200 &- $0) }
    try bytes.withUnsafeBytes { bytes in
      var writer = SafetensorsWriter()
      writer.add("x", type, shape: [2, 3], bytes)
      try writer.write(to: folder["x"])
    }
    let file = try SafetensorsFile(folder["x"])
    #expect(file["x"]?.type == type)
    #expect(file["x"]?.shape == [2, 3])
    #expect(try file.withBytes(of: "x", Array.init) == bytes)
  }

  @Test("the bytes are those of the reference writer: padded header, same order, nothing else")
  func exactBytes() throws {
    try [Float(1)].withUnsafeBufferPointer { one in
      var writer = SafetensorsWriter()
      writer.add("b", shape: [1], one)
      try writer.write(to: folder["b"])
    }
    let json = "{\"__metadata__\":{\"format\":\"pt\"},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}"
    let padded = json + String(repeating: " ", count: (8 - json.utf8.count % 8) % 8)
    #expect(try folder.bytes(of: "b") == safetensors(Array(padded.utf8), data: [0, 0, 0x80, 0x3F]))
  }

  @Test("two writes of the same tensors give the same bytes and leave no other file")
  func deterministic() throws {
    try write([1, 2, 3], [4], to: "one")
    try write([1, 2, 3], [4], to: "two")
    try write([1, 2, 3], [4], to: "two")
    #expect(try folder.bytes(of: "one") == folder.bytes(of: "two"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["one", "two"])
  }

  @Test("a golden file copied tensor by tensor has the golden file's tensor digest")
  func copyOfGolden() throws {
    let source = try SafetensorsFile(golden("adamw/initial.safetensors"))
    let arrays = try source.names.map { try source.floats($0) }
    var writer = SafetensorsWriter()
    for (entry, array) in zip(source.entries, arrays) {
      array.withUnsafeBytes { writer.add(entry.name, .float32, shape: entry.shape, $0) }
    }
    try withExtendedLifetime(arrays) { try writer.write(to: folder["copy"]) }
    #expect(try sha256OfTensorData(folder["copy"]) == source.sha256OfTensorData)
  }

  @Test("writing into a missing folder is an error that names the call and the path")
  func missingFolder() throws {
    let error = #expect(throws: StorageError.self) { try AtomicFile.write("x", to: folder["no/such/file"]) }
    #expect(error?.call == "open")
    #expect("\(try #require(error))".contains("no/such"))
  }

  @Test("a small file is replaced as a whole")
  func atomicFile() throws {
    try AtomicFile.write("a longer first text", to: folder["summary.json"])
    try AtomicFile.write("second", to: folder["summary.json"])
    #expect(try folder.bytes(of: "summary.json") == Array("second".utf8))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["summary.json"])
  }
}
