/// Whether every host answers, and can start this program.
struct HostCheck: Check {
  func findings(in evidence: Evidence) -> [Finding] {
    let absent = evidence.hosts.compactMap { host -> Finding? in
      guard case .failure(let absence) = host.report else { return nil }
      let (found, advice) = words(absence, host, evidence)
      return Finding(.error, "host", host: host.host.name, found, advice: advice)
    }
    guard !evidence.hosts.isEmpty, evidence.answered.isEmpty else { return absent }
    let hosts = absent.count == 1 ? "the only host does not answer" : "none of the \(absent.count) hosts answers"
    return absent + [
      Finding(
        .error, "host", "\(hosts), so nothing is known of them", advice: "mend what is named above, and look again")
    ]
  }

  private func words(_ absence: Absence, _ host: Evidence.Host, _ evidence: Evidence) -> (String, String) {
    switch absence {
    case .unreachable(let words):
      ("no answer (\(words))", "check that it is up and \(evidence.job.shell.condition)")
    case .noFolder(let path):
      ("there is no folder \(path)", "make it there, or start from a folder that all hosts share")
    case .noProgram(let path): ("there is no program \(path)", "copy this one there, to the same path")
    case .mute where host.program != evidence.job.program:
      ("another program than here", "copy this one to the same path on every host")
    case .mute(let words):
      ("the program there does not answer (\(words))", "run it there by hand: lockstep doctor")
    }
  }
}
