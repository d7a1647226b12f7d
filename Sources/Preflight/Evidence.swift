import Bootstrap
import Launching

/// All that is known about the hosts of a job, for checks to judge.
package struct Evidence: Sendable {
  /// What one host answered.
  package struct Host: Sendable {
    package var host: ClusterHost
    package var report: Result<HostReport, Absence>
    /// The SHA-256 of its program.
    package var program: String?
    /// Seconds that its clock is ahead of this machine's, and how far that may be wrong.
    package var clock: (ahead: Double, uncertainty: Double)?
    /// Whether it sees a file that the first host has written into the run's folder, or why that could not be tried.
    package var seesOutput: Result<Bool, Trouble>?
    /// Whether it reaches the first host.
    package var reach: Result<Void, Trouble>?

    package init(_ host: ClusterHost, _ report: Result<HostReport, Absence>, program: String?) {
      self.host = host
      self.report = report
      self.program = program
    }

    /// The report, if it gave one.
    package var facts: HostReport? { try? report.get() }
  }

  /// Something that a host could not do, in its words.
  package struct Trouble: Error, Equatable, Sendable {
    package var words: String

    package init(words: String) { self.words = words }
  }

  /// The way between two hosts.
  package struct Link: Sendable {
    /// Places in `hosts`; the first one has measured.
    package var from: Int
    package var to: Int
    package var figures: Result<LinkFigures, Trouble>

    package init(from: Int, to: Int, figures: Result<LinkFigures, Trouble>) {
      (self.from, self.to, self.figures) = (from, to, figures)
    }
  }

  /// What the job wants.
  package struct Job: Sendable {
    package var subject: HostReport.Subject
    /// How hosts are reached.
    package var shell: RemoteShell
    /// How many ranks there are on each host; nil where nobody said how many there are in all.
    package var placement: Placement?
    /// The SHA-256 of this machine's program and recipe.
    package var program: String?
    package var recipe: String?
    /// Where srun is to start the ranks.
    package var allocation: SlurmAllocation?

    package init(
      _ subject: HostReport.Subject, shell: RemoteShell, placement: Placement? = nil, program: String? = nil,
      recipe: String? = nil
    ) {
      self.subject = subject
      self.shell = shell
      self.placement = placement
      self.program = program
      self.recipe = recipe
    }
  }

  package var job: Job
  package var hosts: [Host]
  package var links: [Link] = []
  /// Whether this machine, where the supervisor runs, sees what the first host writes.
  package var isOutputHere = true

  package init(_ job: Job, hosts: [Host]) {
    self.job = job
    self.hosts = hosts
  }

  /// The hosts that answered, with what they said.
  package var answered: [(host: Host, facts: HostReport)] { hosts.compactMap { host in host.facts.map { (host, $0) } } }

  /// How many ranks run on a host; nil where nobody said.
  package func ranks(on host: ClusterHost) -> Int? {
    job.placement.map { $0.parts.first { $0.host.name == host.name }?.ranks ?? 0 }
  }
}
