/// Whether all hosts have the same program.
struct ProgramCheck: Check {
  func findings(in evidence: Evidence) -> [Finding] {
    guard let own = evidence.job.program, evidence.hosts.count > 1, !evidence.answered.isEmpty else { return [] }
    let others = evidence.answered.filter { $0.host.program != own }
    if others.isEmpty {
      return [
        Finding(.ok, "program", "the same program on \(evidence.answered.count) hosts, SHA-256 \(own.prefix(12))…")
      ]
    }
    return others.map { host, _ in
      let found =
        host.program.map { "SHA-256 \($0.prefix(12))… there, \(own.prefix(12))… here" } ?? "its SHA-256 is unknown"
      return Finding(
        .error, "program", host: host.host.name, "another program than here (\(found))",
        advice: "copy this one to the same path on every host")
    }
  }
}
