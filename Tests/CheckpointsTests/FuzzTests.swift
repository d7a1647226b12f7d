import Checkpoints
import Testing

/// Seeded damage to files from outside: no crash, no wrong bounds, nothing accepted that does not add up.
@Suite struct FuzzTests {
  @Test("damaged headers neither crash the reader nor slip through with tensors out of bounds")
  func headers() throws {
    let tensors = [member("x", "F32", [2], 0, 8), member("y", "I64", [1, 2], 8, 24)].joined(separator: ",")
    let sound = safetensors("{\"__metadata__\":{\"format\":\"pt\"},\(tensors)}", data: 24)
    var generator = SeededGenerator(seed: 20_260_101)
    var accepted = 0
    let rounds = fuzzRounds(200_000)
    for round in 0..<rounds {
      var bytes = sound
      for _ in 0..<Int.random(in: 1...4, using: &generator) { damage(&bytes, &generator) }
      let read = bytes.withUnsafeBytes { try? SafetensorsHeader(of: $0, file: "damaged") }
      guard let header = read else { continue }
      accepted += 1
      let first = header.entries.first?.bytes.lowerBound ?? bytes.count
      let total = header.entries.reduce(0) { $0 + $1.bytes.count }
      let inside = header.entries.allSatisfy { $0.bytes.lowerBound >= 10 && $0.bytes.upperBound <= bytes.count }
      if !inside || total != bytes.count - first { Issue.record("round \(round) slipped through: \(bytes)") }
    }
    // Damage to the data alone, or to a name, leaves a sound file; damage elsewhere must not.
    #expect(accepted > 0 && accepted < rounds / 2, "\(accepted) accepted")
  }
}
