import Checkpoints
import Collectives
import Foundation
import Launching

/// A look at the hosts of a launch before anything starts there, or on its own.
public struct Inspection: Sendable {
  private let program: String
  /// The hosts that ranks are placed on.
  private let hosts: [ClusterHost]
  private let job: Evidence.Job

  /// - Parameters:
  ///   - request: what would be launched; its arguments are not looked at.
  ///   - output: the folder of the run.
  ///   - hasRanks: whether the request's number of ranks means something.
  public init(_ request: LaunchRequest, output: String, recipe: String?, hasRanks: Bool = true) {
    program = request.program
    let placement = request.placement(on: request.hosts)
    hosts = hasRanks || request.hosts.isEmpty ? placement.parts.map(\.host) : request.hosts
    var subject = HostReport.Subject()
    subject.output = URL(filePath: output).standardizedFileURL.path
    subject.recipe = recipe.map { URL(filePath: $0).standardizedFileURL.path }
    subject.interface = request.interface
    var job = Evidence.Job(
      subject, shell: request.shell, placement: hasRanks ? placement : nil, program: try? sha256(ofFile: program),
      recipe: recipe.flatMap { try? sha256(ofFile: $0) })
    job.allocation = SlurmAllocation(ProcessInfo.processInfo.environment)
    self.job = job
  }

  /// What keeps ranks from starting on these hosts or from working together; nothing but errors.
  public func obstacles() -> [Finding] {
    let evidence: Evidence
    if hosts.allSatisfy(\.isLocal) {
      evidence = Evidence(job, hosts: [Evidence.Host(hosts[0], .success(.here(briefSubject)), program: job.program)])
    } else {
      var job = job
      job.subject = briefSubject
      evidence = Survey.brief(job, hosts: hosts, program: program)
    }
    return Checks.brief.flatMap { $0.findings(in: evidence) }.filter { $0.level == .error }
  }

  private var briefSubject: HostReport.Subject {
    var subject = job.subject
    subject.isBrief = true
    return subject
  }

  /// All that can be found out about these hosts.
  public func findings() -> [Finding] {
    let evidence = Survey.thorough(job, hosts: hosts, program: program)
    return Checks.thorough.flatMap { $0.findings(in: evidence) }
  }
}
