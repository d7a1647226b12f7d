/// Whether all hosts share the run's folder, and the supervisor sees what rank 0 writes.
struct OutputCheck: Check {
  func findings(in evidence: Evidence) -> [Finding] {
    guard evidence.hosts.count > 1 || !evidence.isOutputHere, let first = evidence.hosts.first,
      !evidence.answered.isEmpty
    else { return [] }
    let path = evidence.job.subject.output
    if case .failure(let trouble) = first.seesOutput {
      return [
        Finding(
          .error, "output", host: first.host.name, "nothing can be written for \(path) (\(trouble.words))",
          advice: "give another --output")
      ]
    }
    if !evidence.isOutputHere {
      return [
        Finding(
          .error, "output", host: first.host.name,
          "rank 0 runs there, and what it writes into \(path) is not seen from this machine",
          advice: "start from \(first.host.name), put this machine first, or give an --output that both share")
      ]
    }
    let apart = evidence.hosts.filter { (try? $0.seesOutput?.get()) == false }.map(\.host.name)
    if apart.isEmpty { return [Finding(.ok, "output", "\(path) is shared by all hosts")] }
    return [
      Finding(
        .ok, "output", host: first.host.name,
        "\(path) is not shared with \(apart.joined(separator: ", ")): rank 0 keeps checkpoints and models")
    ]
  }
}
