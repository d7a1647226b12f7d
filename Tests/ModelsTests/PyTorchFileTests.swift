import Checkpoints
import Foundation
import Models
import Testing

/// Files of `torch.save` whose form is rarer than those of the scenario. The values are those that PyTorch reads from them.
@Suite struct PyTorchFileTests {
  /// Opens bytes as a folder's `pytorch_model.bin`.
  private static func open(_ bytes: [UInt8]) throws -> PretrainedWeights {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lockstep-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data(bytes).write(to: URL(filePath: folder + "/pytorch_model.bin"))
    return try PretrainedWeights.open(directory: folder)
  }

  private static func vector(_ path: String) throws -> [UInt8] {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return [UInt8](try Data(contentsOf: tests.appending(path: path)))
  }

  private static func refusal(_ bytes: [UInt8]) -> String {
    do {
      _ = try open(bytes)
      return "accepted"
    } catch { return "\(error)" }
  }

  @Test("weights inside the dictionary of a training program are found", arguments: ["nested", "model-key"])
  func nested(name: String) throws {
    let weights = try Self.open(Self.vector("Vectors/weights/\(name).bin"))
    #expect(try weights.floats("x") == [0, 1, 2, 3, 4, 5])
    guard name == "nested" else { return }
    #expect(weights["y"]?.shape == [3, 2])
    #expect(try weights.floats("y") == [0, 3, 1, 4, 2, 5])
    #expect(try weights.floats("z") == [1, 4])
  }

  @Test("scalars, empty tensors, repeated, skipped and exchanged extents read in the order of rows")
  func shapes() throws {
    let weights = try Self.open(Self.vector("Vectors/weights/shapes.bin"))
    #expect(weights["scalar"]?.shape == [] && weights["empty"]?.shape == [0, 4])
    #expect(try weights.floats("scalar") == [2.5])
    #expect(try weights.floats("empty") == [])
    #expect(try weights.floats("repeated") == [7, 7, 7])
    #expect(try weights.floats("every-other") == [1, 3, 5, 7])
    let cube = (0..<4).flatMap { last in (0..<6).map { Float(4 * $0 + last) } }
    #expect(weights["cube"]?.shape == [4, 2, 3])
    #expect(try weights.floats("cube") == cube)
    #expect(try weights.floats("halves") == [1.5, -2])
    #expect(weights["ids"]?.type == .int64 && weights["flags"]?.type == .bool)
    #expect(throws: ModelError.self) { try weights.floats("ids") }
    #expect(try weights.bytes(of: "flags") == [1, 0])
  }

  @Test(
    "a file that Python 2 wrote: byte strings, a dictionary of pairs, parts of a storage, a graphics card's tensors")
  func python2() throws {
    let weights = try Self.open(Self.vector("Vectors/weights/python-2.bin"))
    #expect(try weights.floats("a") == [1, 2, 3])
    #expect(try weights.floats("b") == [5, 6])
  }

  @Test("an archive of 64 bits reads as one of 32, and its own damage is refused")
  func zip64() throws {
    let bytes = try Self.vector("Golden/families/weights/hostile/control-zip/pytorch_model.bin")
    let end = bytes.count - 22
    func field(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian, Array.init) }
    func number(_ offset: Int, _ width: Int) -> UInt64 {
      (0..<width).reduce(0) { $0 | UInt64(bytes[end + offset + $1]) << UInt64(8 * $1) }
    }
    func large(offset: UInt64, count: UInt64, place: UInt64) -> [UInt8] {
      let record =
        [0x50, 0x4B, 6, 6] + field(UInt64(44)) + field(UInt32(45)) + field(UInt64(0)) + field(count) + field(count)
        + field(number(12, 4)) + field(offset)
      let locator = [0x50, 0x4B, 6, 7] + field(UInt32(0)) + field(place) + field(UInt32(1))
      let small = [0x50, 0x4B, 5, 6] + field(UInt32(0)) + [UInt8](repeating: 0xFF, count: 12) + field(UInt16(0))
      return bytes[..<end] + record + locator + small
    }
    let (offset, count) = (number(16, 4), number(8, 2))
    let weights = try Self.open(large(offset: offset, count: count, place: UInt64(end)))
    #expect(try weights.floats("bert.pooler.dense.bias") == [0, 1, 2, 3, 4, 5, 6, 7])
    for (offset, count, place) in [
      (UInt64.max, count, UInt64(end)), (offset, .max, UInt64(end)), (offset, count, .max),
      (offset + 1, count, UInt64(end)),
      (offset, count + 1, UInt64(end)), (offset, count, UInt64(end) - 1), (offset, 1 << 62, UInt64(end)),
    ] {
      let message = Self.refusal(large(offset: offset, count: count, place: place))
      #expect(message.contains("pytorch_model.bin: ") && !message.contains("accepted"), "\(message)")
    }
  }

  @Test("a file cut anywhere is refused, or has lost nothing that is read", arguments: ["zip", "legacy"])
  func cut(format: String) throws {
    let bytes = try Self.vector("Golden/families/weights/hostile/control-\(format)/pytorch_model.bin")
    for count in 0..<bytes.count {
      let message = Self.refusal(Array(bytes[..<count]))
      #expect(message != "accepted", "\(count) of \(bytes.count) bytes")
    }
  }

  @Test("pickles that ask for memory are refused before it is given: deep, long and wide ones")
  func greed() {
    let bomb = [UInt8](repeating: 0x5D, count: 300_000)
    let marks = [UInt8](repeating: 0x28, count: 300_000)
    let memos = (0..<600_000).flatMap { _ in [UInt8(0x94)] }
    for pickle in [bomb, marks, [0x4E] + memos] {
      let message = Self.refusal([0x80, 4] + pickle + [0x2E])
      #expect(message.contains("; ") && message != "accepted")
    }
  }

  @Test("names are compared whole: what begins or ends like a known name is refused, with the name")
  func names() {
    for (module, name) in [
      ("torch", "FloatStorage.__class__"), ("torch", "load"), ("torch.FloatStorage", ""), ("", "OrderedDict"),
      ("collections", "OrderedDict.fromkeys"), ("collections.abc", "OrderedDict"), ("torch._utils", "_rebuild"),
      ("torch._utils", "_rebuild_tensor_v3"), ("torch", "cuda.FloatStorage"), ("os", "system\u{1B}[31m"),
    ] {
      let message = Self.refusal([0x80, 2] + Array("c\(module)\n\(name)\n.".utf8))
      #expect(message.contains("names \"\(module).") && !message.contains("\u{1B}"), "\(message)")
    }
  }
}
