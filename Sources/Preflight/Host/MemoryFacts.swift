import Foundation
import Support

/// A host's memory, in bytes.
package struct MemoryFacts: Codable, Equatable, Sendable {
  package var total: Int
  /// What programs may still take without swapping.
  package var available: Int

  /// As /proc/meminfo and the control group say.
  package static var here: MemoryFacts {
    let lines = ((try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? "").split(separator: "\n")
    func bytes(_ key: String) -> Int {
      let words = lines.first { $0.hasPrefix(key + ":") }?.split(separator: " ") ?? []
      return words.count > 1 ? (Int(words[1]) ?? 0) * 1024 : 0
    }
    let limit = ControlGroup.here.memory ?? .max
    return MemoryFacts(total: min(bytes("MemTotal"), limit), available: min(bytes("MemAvailable"), limit))
  }
}
