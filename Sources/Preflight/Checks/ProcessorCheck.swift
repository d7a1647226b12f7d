/// Which processors compute, and whether they compute the same bits.
struct ProcessorCheck: Check {
  func findings(in evidence: Evidence) -> [Finding] {
    let answered = evidence.answered
    let processors = answered.map { host, facts in
      let processor = facts.processor
      return Finding(
        .ok, "processor", host: host.host.name,
        "\(processor.name), \(facts.cores.online) processors, \(processor.features.joined(separator: " "))",
        figures: ["processors": Double(facts.cores.online)])
    }
    guard let first = answered.first,
      let other = answered.first(where: { $0.facts.processor.arithmetic != first.facts.processor.arithmetic })
    else { return processors }
    return processors + [
      Finding(
        .warning, "processor", host: other.host.host.name,
        "it computes with \(other.facts.processor.arithmetic), and \(first.host.host.name) with"
          + " \(first.facts.processor.arithmetic): bits depend on which host computes what",
        advice: "use hosts of one kind where the same bits matter")
    ]
  }
}
