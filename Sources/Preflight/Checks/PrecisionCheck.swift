/// Whether 16-bit training is fast.
struct PrecisionCheck: Check {
  func findings(in evidence: Evidence) -> [Finding] {
    evidence.answered.map { host, facts in
      let fast = facts.processor.features.filter { ["avx512_bf16", "amx_bf16"].contains($0) }
      let hardware =
        fast.isEmpty
        ? "no bf16 in hardware: precision bf16 saves memory, not time"
        : "bf16 in hardware (\(fast.joined(separator: ", ")))"
      return Finding(.ok, "oneDNN", host: host.host.name, "\(facts.processor.oneDNN), \(hardware)")
    }
  }
}
