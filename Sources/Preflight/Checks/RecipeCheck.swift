/// Whether all hosts have the same recipe.
struct RecipeCheck: Check {
  func findings(in evidence: Evidence) -> [Finding] {
    guard let path = evidence.job.subject.recipe, let own = evidence.job.recipe, evidence.hosts.count > 1,
      !evidence.answered.isEmpty
    else {
      return []
    }
    let others = evidence.answered.filter { $0.facts.recipe != own }
    if others.isEmpty { return [Finding(.ok, "recipe", "the same \(path) on \(evidence.answered.count) hosts")] }
    return others.map { host, facts in
      let found = facts.recipe == nil ? "there is no recipe \(path)" : "\(path) is another recipe than here"
      return Finding(.error, "recipe", host: host.host.name, found, advice: "copy it from here to every host")
    }
  }
}
