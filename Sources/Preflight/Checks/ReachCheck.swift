/// Whether every host reaches the one that rank 0 runs on.
struct ReachCheck: Check {
  func findings(in evidence: Evidence) -> [Finding] {
    evidence.hosts.dropFirst().compactMap { host in
      guard case .failure(let trouble) = host.reach else { return nil }
      return Finding(
        .error, "network", host: host.host.name,
        "does not reach \(evidence.hosts[0].host.name) (\(trouble.words))",
        advice: "open the ports between the hosts, or give --interface the network that they share")
    }
  }
}
