import Checkpoints
import Foundation
import Testing

/// What is refused: files whose header does not tell the truth.
@Suite struct SafetensorsRefusalTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  static let sound = member("x", "F32", [2], 0, 8)

  /// What is wrong, the bytes, and a part of the message.
  static let cases: [(fault: String, bytes: [UInt8], says: String)] = [
    ("nothing at all", [], "has 0 bytes"),
    ("half a length", [1, 2, 3], "has 3 bytes"),
    ("a length beyond the file", safetensors("{}", length: 3), "says its header has 3 bytes"),
    ("the largest length", safetensors("{}", length: .max), "says its header has 18446744073709551615 bytes"),
    ("a length of 2^63", safetensors("{}", length: 1 << 63), "says its header has"),
    ("no JSON", safetensors(""), "expected \"{\""),
    ("a list", safetensors("[]"), "expected \"{\""),
    ("JSON cut short", safetensors("{\"x\":{\"dtype\":\"F32\""), "found the end"),
    ("a string cut short", safetensors("{\"x"), "without its closing quote"),
    ("text after the object", safetensors("{}x"), "text after the value"),
    ("a zero byte after the object", safetensors("{}\0"), "text after the value"),
    ("deep nesting", safetensors(String(repeating: "[", count: 100_000)), "expected \"{\""),
    ("not UTF-8", safetensors([0x7B, 0x22, 0xFF, 0x22, 0x3A], data: []), "not UTF-8"),
    ("an overlong encoding", safetensors([0x7B, 0x22, 0xC0, 0xAF, 0x22, 0x3A], data: []), "not UTF-8"),
    ("a lone surrogate", safetensors("{\"\\ud800\":1}"), "surrogate"),
    ("a control character", safetensors("{\"\n\":1}"), "control character"),
    ("a name twice", safetensors("{\(sound),\(sound)}", data: 8), "stands twice"),
    (
      "a name twice, once escaped", safetensors("{\(sound),\(member("\\u0078", "F32", [0], 8, 8))}", data: 8),
      "stands twice"
    ),
    (
      "a field twice", safetensors("{\"x\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}"),
      "stands twice"
    ),
    ("an unknown field", safetensors("{\"x\":{\"dtype\":\"F32\",\"more\":1}}"), "unknown field \"more\""),
    ("an unknown dtype", safetensors("{\(member("x", "F31", [2], 0, 8))}", data: 8), "unknown dtype \"F31\""),
    ("a missing field", safetensors("{\"x\":{\"dtype\":\"F32\",\"shape\":[2]}}", data: 8), "lacks"),
    ("one offset", safetensors("{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8]}}", data: 8), "lacks"),
    (
      "three offsets", safetensors("{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,8]}}", data: 8),
      "more than 2"
    ),
    (
      "33 extents", safetensors("{\(member("x", "U8", .init(repeating: 1, count: 33), 0, 1))}", data: 1),
      "more than 32"
    ),
    ("end before begin", safetensors("{\(member("x", "F32", [2], 8, 0))}", data: 8), "lies at bytes 8 to 0"),
    ("a negative offset", safetensors("{\(member("x", "F32", [2], -8, 0))}", data: 8), "lies at bytes -8"),
    ("an end beyond the file", safetensors("{\(member("x", "F32", [3], 0, 12))}", data: 8), "0 to 12 of 8"),
    ("the largest end", safetensors("{\(member("x", "F32", [2], 0, .max))}", data: 8), "of 8"),
    (
      "an offset over 64 bits",
      safetensors("{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,18446744073709551624]}}", data: 8),
      "whole number"
    ),
    (
      "an offset with a fraction",
      safetensors("{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8.0]}}", data: 8), "whole number"
    ),
    ("a wrong size", safetensors("{\(member("x", "F32", [3], 0, 8))}", data: 8), "needs 12"),
    ("a negative extent", safetensors("{\(member("x", "F32", [-1, -2], 0, 8))}", data: 8), "impossible shape"),
    (
      "a product that overflows to the right size",
      safetensors("{\(member("x", "F32", [1 << 32, 1 << 32, 2], 0, 0))}"), "impossible shape"
    ),
    (
      "overlapping tensors",
      safetensors("{\(member("x", "F32", [2], 0, 8)),\(member("y", "F32", [2], 4, 12))}", data: 12), "overlaps"
    ),
    (
      "two tensors at one place",
      safetensors("{\(member("x", "F32", [2], 0, 8)),\(member("y", "F32", [2], 0, 8))}", data: 8), "overlaps"
    ),
    ("a hole", safetensors("{\(member("x", "F32", [1], 4, 8))}", data: 8), "hole"),
    ("bytes after the last tensor", safetensors("{\(sound)}", data: 9), "1 bytes after"),
    ("metadata that is no string", safetensors("{\"__metadata__\":{\"format\":1}}"), "expected \"\"\""),
  ]

  @Test("a lying header is refused, and the error names the file, the fault and what to do", arguments: cases)
  func refusal(fault: String, bytes: [UInt8], says: String) throws {
    let path = try folder.write(bytes, to: "lying.safetensors")
    let error = #expect(throws: SafetensorsError.self, "\(fault)") { try SafetensorsFile(path) }
    let message = "\(try #require(error))"
    #expect(message.hasPrefix(path))
    #expect(message.contains(says), "\(message)")
    #expect(message.contains("; "), "what to do comes last: \(message)")
    #expect(!message.contains("\n"))
  }

  @Test("a sound file cut at any byte is refused")
  func truncation() throws {
    let bytes = safetensors("{\(Self.sound)}", data: 8)
    for count in 0..<bytes.count {
      let path = try folder.write(bytes.prefix(count))
      #expect(throws: SafetensorsError.self, "cut at \(count)") { try SafetensorsFile(path) }
    }
    #expect(try SafetensorsFile(folder.write(bytes)).names == ["x"])
  }

  @Test("a missing tensor is an error that names file and tensor")
  func missingTensor() throws {
    let file = try SafetensorsFile(folder.write(safetensors("{\(Self.sound)}", data: 8)))
    let error = #expect(throws: SafetensorsError.self) { try file.floats("classifier.bias") }
    #expect("\(try #require(error))".contains("tensor \"classifier.bias\" is not in the file"))
    #expect(file["classifier.bias"] == nil)
  }

  @Test("a missing file, a directory and a pipe are errors, and the pipe does not block")
  func notFiles() throws {
    let missing = #expect(throws: StorageError.self) { try SafetensorsFile(folder["absent"]) }
    #expect(missing?.isAbsence == true)
    #expect(throws: StorageError.self) { try SafetensorsFile(folder.path) }
    #expect(mkfifo(folder["pipe"], 0o600) == 0)
    #expect(throws: StorageError.self) { try SafetensorsFile(folder["pipe"]) }
  }
}
