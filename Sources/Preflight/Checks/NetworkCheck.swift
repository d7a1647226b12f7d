/// Whether ranks find an address to listen at, and which.
struct NetworkCheck: Check {
  func findings(in evidence: Evidence) -> [Finding] {
    evidence.answered.map { host, facts in
      let (name, network) = (host.host.name, facts.network)
      let known = network.interfaces.map { "\($0.name) \($0.address)" }.joined(separator: ", ")
      if let problem = network.problem {
        let level: Finding.Level = evidence.hosts.count > 1 || evidence.job.subject.interface != nil ? .error : .ok
        return Finding(
          level, "network", host: name, problem,
          advice: level == .error ? "give --interface one that every host has, by name or subnet" : "")
      }
      let chosen = network.interfaces.filter { network.chosen.contains($0.address) }.map(\.name)
      let found =
        "ranks listen at \(network.chosen.joined(separator: ", ")) (\(chosen.joined(separator: ", "))) of \(known)"
      guard evidence.hosts.count > 1, network.chosen.count > 1 else {
        return Finding(.ok, "network", host: name, found)
      }
      return Finding(
        .warning, "network", host: name, found, advice: "give --interface the fastest that all hosts share")
    }
  }
}
