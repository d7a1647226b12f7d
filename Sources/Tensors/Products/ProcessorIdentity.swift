#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What /proc/cpuinfo says of the processor: who made it, its name and its features.
package struct ProcessorIdentity: Sendable, Equatable {
  package let vendor: String
  package let name: String
  package let features: Set<String>

  /// This machine's; empty where there is no such file.
  package static let here = ProcessorIdentity(information: text(of: "/proc/cpuinfo"))

  /// Reads the lines of the first processor.
  package init(information: String) {
    let lines = information.split(separator: "\n")
    func value(_ key: String) -> String {
      let words = lines.first { $0.hasPrefix(key) }?.split(separator: ":", maxSplits: 1) ?? []
      return words.count == 2 ? String(words[1].drop { $0 == " " }) : ""
    }
    vendor = value("vendor_id")
    name = value("model name")
    features = Set(value("flags").split(separator: " ").map(String.init))
  }

  private static func text(of path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 14)
    // The first processor's lines are enough.
    while bytes.count < 1 << 16 {
      let count = fread(&chunk, 1, chunk.count, file)
      guard count > 0 else { break }
      bytes += chunk[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
