import Bootstrap
import Foundation
import Glibc
import Launching

/// Asks all hosts of a job about themselves and about each other.
struct Survey {
  private let members: [HostMember]
  private let program: String
  private let folder: String
  private var evidence: Evidence

  private static let clockQuestions = 5

  /// Starts this program on every host; the hosts work at the same time.
  init(_ job: Evidence.Job, hosts: [ClusterHost], program: String) {
    let folder = FileManager.default.currentDirectoryPath
    let environment = ProcessInfo.processInfo.environment
    (self.program, self.folder) = (program, folder)
    members = hosts.map {
      HostMember($0, shell: job.shell, program: program, folder: folder, environment: environment)
    }
    evidence = Evidence(job, hosts: [])
  }

  /// What every launch is preceded by: reports, who reaches the first host, and who shares its folder.
  static func brief(_ job: Evidence.Job, hosts: [ClusterHost], program: String) -> Evidence {
    var survey = Survey(job, hosts: hosts, program: program)
    survey.report()
    survey.look()
    if let first = survey.stations([0]).first { survey.reachFirst(first) }
    return survey.evidence
  }

  /// Also clocks, and the ways between all pairs of hosts.
  static func thorough(_ job: Evidence.Job, hosts: [ClusterHost], program: String) -> Evidence {
    var survey = Survey(job, hosts: hosts, program: program)
    survey.report()
    survey.look()
    survey.compareClocks()
    survey.measureLinks()
    return survey.evidence
  }

  private func ask(_ index: Int, _ question: Question) -> Result<Answer, Absence> {
    members[index].say(question)
    return answer(of: index)
  }

  private func answer(of index: Int) -> Result<Answer, Absence> {
    Result { () throws(Absence) in try members[index].answer(program: program, folder: folder) }
  }

  private mutating func report() {
    for member in members { member.say(.report(evidence.job.subject)) }
    evidence.hosts = members.indices.map { index in
      let report = answer(of: index).flatMap { answer -> Result<HostReport, Absence> in
        if case .report(let report) = answer { .success(report) } else { .failure(.mute("an answer to nothing")) }
      }
      let member = members[index]
      return Evidence.Host(member.host, report, program: member.program)
    }
  }

  // MARK: Folder

  /// The first host leaves a file in the run's folder; the others say whether they see it.
  private mutating func look() {
    guard members.count > 0, evidence.hosts[0].facts != nil else { return }
    let left = ask(0, .leaveMark(under: evidence.job.subject.output))
    guard case .success(.mark(let path)) = left else {
      evidence.hosts[0].seesOutput = .failure(trouble(left))
      return
    }
    evidence.isOutputHere = access(path, F_OK) == 0
    for index in members.indices where evidence.hosts[index].facts != nil {
      let answer = ask(index, .seesMark(path: path))
      if case .success(.seen(let isSeen)) = answer {
        evidence.hosts[index].seesOutput = .success(isSeen)
      } else {
        evidence.hosts[index].seesOutput = .failure(trouble(answer))
      }
    }
    _ = ask(0, .removeMark(path: path))
  }

  private func trouble(_ answer: Result<Answer, Absence>) -> Evidence.Trouble {
    switch answer {
    case .success(.failed(let words)): Evidence.Trouble(words: words)
    case .success: Evidence.Trouble(words: "an answer to nothing")
    case .failure(.unreachable(let words)), .failure(.mute(let words)): Evidence.Trouble(words: words)
    case .failure(.noFolder(let path)), .failure(.noProgram(let path)): Evidence.Trouble(words: "no \(path)")
    }
  }

  // MARK: Clocks

  /// Of several answers the one that came soonest says most exactly what time it is there.
  private mutating func compareClocks() {
    for index in members.indices where evidence.hosts[index].facts != nil {
      for _ in 0..<Self.clockQuestions {
        let (asked, start) = (Date().timeIntervalSince1970, ContinuousClock.now)
        guard case .success(.clock(let there)) = ask(index, .clock) else { break }
        let half = (ContinuousClock.now - start) / .seconds(2)
        if half < evidence.hosts[index].clock?.uncertainty ?? .infinity {
          evidence.hosts[index].clock = (there - asked - half, half)
        }
      }
    }
  }

  // MARK: Network

  private struct Listening {
    var index: Int
    var station: Station
    var secret: [UInt8]
  }

  /// Lets hosts listen, all with one secret; gives those that do.
  private mutating func stations(_ indices: [Int]) -> [Listening] {
    guard members.count > 1 else { return [] }
    var generator = SystemRandomNumberGenerator()
    let secret = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    return indices.compactMap { index in
      guard let facts = evidence.hosts[index].facts, facts.network.problem == nil,
        case .success(.listening(let station)) = ask(
          index, .listen(interface: evidence.job.subject.interface, secret: secret))
      else { return nil }
      return Listening(index: index, station: station, secret: secret)
    }
  }

  private mutating func reachFirst(_ first: Listening) {
    let others = members.indices.filter { $0 != first.index && evidence.hosts[$0].facts?.network.problem == nil }
      .filter { evidence.hosts[$0].facts != nil }
    for index in others { members[index].say(.reach(first.station, secret: first.secret, measuring: false)) }
    for index in others {
      let answer = answer(of: index)
      if case .success(.reached) = answer {
        evidence.hosts[index].reach = .success(())
      } else {
        evidence.hosts[index].reach = .failure(trouble(answer))
      }
    }
  }

  /// Measures all pairs in rounds in which every host has one partner at most, as in a tournament: pairs of a round measure at once.
  private mutating func measureLinks() {
    let listening = stations(Array(members.indices))
    for round in Tournament.rounds(of: listening.count) {
      for (first, second) in round {
        let (station, secret) = (listening[second].station, listening[second].secret)
        members[listening[first].index].say(.reach(station, secret: secret, measuring: true))
      }
      for (first, second) in round {
        let (from, to) = (listening[first].index, listening[second].index)
        let answer = answer(of: from)
        let figures: Result<LinkFigures, Evidence.Trouble> =
          if case .success(.measured(let figures)) = answer { .success(figures) } else { .failure(trouble(answer)) }
        evidence.links.append(Evidence.Link(from: from, to: to, figures: figures))
      }
    }
  }
}
