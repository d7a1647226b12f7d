import Foundation

/// Whether ranks have the processors that they count on.
struct CoreCheck: Check {
  func findings(in evidence: Evidence) -> [Finding] {
    evidence.answered.flatMap { host, facts in
      let (name, cores) = (host.host.name, facts.cores)
      var findings: [Finding] = []
      if cores.allowed < cores.online {
        findings.append(
          Finding(
            .warning, "cores", host: name, "bound to \(cores.allowed) of \(cores.online) processors",
            advice: "start the ranks with mpirun --bind-to none, or leave the binding out"))
      }
      if let quota = cores.quota, quota < Double(cores.allowed) {
        findings.append(
          Finding(
            .warning, "cores", host: name,
            "its control group allows the time of \(String(format: "%g", quota)) of \(cores.allowed) processors, so"
              + " ranks take \(cores.usable == 1 ? "1 thread" : "\(cores.usable) threads") together unless the recipe sets"
              + " threads", advice: "raise the limit of the container or service for more"))
      }
      if let ranks = evidence.ranks(on: host.host), ranks > cores.allowed {
        findings.append(
          Finding(
            .warning, "cores", host: name, "\(ranks) ranks share \(cores.allowed) processors",
            advice: "give it at most slots=\(cores.allowed)"))
      }
      return findings.isEmpty ? [fit(evidence.ranks(on: host.host), cores, name)] : findings
    }
  }

  private func fit(_ ranks: Int?, _ cores: CoreFacts, _ name: String) -> Finding {
    let share = ranks.flatMap { $0 > 0 ? ", \(max(1, cores.allowed / $0)) threads for each of \($0) ranks" : nil }
    return Finding(
      .ok, "cores", host: name, "\(cores.allowed) processors may be used\(share ?? ""), not bound")
  }
}
