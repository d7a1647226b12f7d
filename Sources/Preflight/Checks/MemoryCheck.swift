/// Whether there is memory to train in.
struct MemoryCheck: Check {
  /// Bytes that a rank of a small model takes with data and libraries.
  private static let leastForRank = 512 << 20

  func findings(in evidence: Evidence) -> [Finding] {
    evidence.answered.map { host, facts in
      let ranks = max(1, evidence.ranks(on: host.host) ?? 1)
      let memory = facts.memory
      let found = "\(Amount.bytes(memory.available)) of \(Amount.bytes(memory.total)) available"
      let figures = ["available_bytes": Double(memory.available), "total_bytes": Double(memory.total)]
      guard memory.available < ranks * Self.leastForRank else {
        return Finding(.ok, "memory", host: host.host.name, found, figures: figures)
      }
      return Finding(
        .warning, "memory", host: host.host.name, "\(found), little for \(ranks == 1 ? "a rank" : "\(ranks) ranks")",
        advice: "end what else runs there, or give it fewer slots", figures: figures)
    }
  }
}
