import Foundation
import Testing

/// A reference result: the folder in LOCKSTEP_GOLDEN, by default the copy beside the tests.
struct Golden {
  /// What scenario.json says.
  let description: [String: Any]

  private let header: [String: Any]
  private let body: Data

  init(_ name: String) throws {
    let folder =
      ProcessInfo.processInfo.environment["LOCKSTEP_GOLDEN"].map { URL(filePath: $0) }
      ?? URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Golden")
    let files = folder.appending(path: name)
    let scenario = try Data(contentsOf: files.appending(path: "scenario.json"))
    description = try #require(try JSONSerialization.jsonObject(with: scenario) as? [String: Any])
    let tensors = try Data(contentsOf: files.appending(path: "case.safetensors"))
    let length = tensors.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    header = try #require(try JSONSerialization.jsonObject(with: tensors.dropFirst(8).prefix(length)) as? [String: Any])
    body = Data(tensors.dropFirst(8 + length))
  }

  func shape(_ name: String) throws -> [Int] {
    let entry = try #require(header[name] as? [String: Any])
    return try #require(entry["shape"] as? [Int])
  }

  /// A tensor of Float64.
  func tensor(_ name: String) throws -> [Double] {
    let entry = try #require(header[name] as? [String: Any])
    try #require(entry["dtype"] as? String == "F64")
    let offsets = try #require(entry["data_offsets"] as? [Int])
    return stride(from: offsets[0], to: offsets[1], by: 8).map { offset in
      Double(bitPattern: body[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) })
    }
  }
}
