/// Whether there is what starts ranks and connects them, in the same version everywhere.
struct LauncherCheck: Check {
  func findings(in evidence: Evidence) -> [Finding] {
    let answers = evidence.answered.compactMap { host, facts in facts.launchers.map { (host.host.name, $0) } }
    var findings = answers.map { judge($0, $1, evidence) }
    for (subject, version) in [("mpirun", \LauncherFacts.mpirun), ("PMIx", \LauncherFacts.pmix)] {
      guard let first = answers.first(where: { $0.1[keyPath: version] != nil }),
        let other = answers.first(where: {
          $0.1[keyPath: version] != nil && $0.1[keyPath: version] != first.1[keyPath: version]
        })
      else { continue }
      findings.append(
        Finding(
          .warning, "launcher", host: other.0,
          "\(subject) is \(other.1[keyPath: version] ?? "missing"), and on \(first.0) \(first.1[keyPath: version] ?? "missing")",
          advice: "install the same version on every host"))
    }
    return findings
  }

  /// Whether the first line of `mpirun --version` is that of Open MPI, or of the launcher that it is made of.
  private static func isOpenMPI(_ version: String) -> Bool {
    ["Open MPI", "OpenRTE", "PRRTE"].contains { version.contains($0) }
  }

  private func judge(_ name: String, _ facts: LauncherFacts, _ evidence: Evidence) -> Finding {
    let known = [facts.mpirun, facts.srun, facts.pmix].compactMap { $0 }
    let found = known.isEmpty ? "no mpirun, srun or PMIx" : known.joined(separator: ", ")
    switch evidence.job.shell.launcher {
    case .mpirun where facts.mpirun == nil:
      return Finding(
        .warning, "launcher", host: name, known.isEmpty ? found : "no mpirun on the PATH; there is \(found)",
        advice: "install openmpi-bin, or use --launcher local on one machine")
    case .srun where facts.srun == nil:
      return Finding(
        .warning, "launcher", host: name, known.isEmpty ? found : "no srun on the PATH; there is \(found)",
        advice: "install slurm-client, or use another --launcher")
    case .mpirun where !Self.isOpenMPI(facts.mpirun ?? ""):
      return Finding(
        .error, "launcher", host: name,
        "the mpirun on the PATH is not Open MPI's (\(facts.mpirun ?? "")): its ranks"
          + " have no PMIx to find each other by",
        advice: "install openmpi-bin and put its folder first on the PATH, or use --launcher local on one machine")
    case .mpirun, .srun:
      guard facts.pmix != nil else {
        return Finding(
          .warning, "launcher", host: name, "\(found), and no PMIx library: ranks do not find each other",
          advice: "install libpmix2")
      }
    case .local: break
    }
    return Finding(.ok, "launcher", host: name, found)
  }
}
