/// The part of a Slurm cluster that this process may start ranks in.
package struct SlurmAllocation: Equatable, Sendable {
  /// The number of its job.
  package var job: String
  /// How many tasks it was asked to hold; nil where nobody said.
  package var tasks: Int?

  /// As Slurm describes it to the processes of a job; nil outside one.
  package init?(_ environment: [String: String]) {
    guard let job = environment["SLURM_JOB_ID"] else { return nil }
    self.job = job
    tasks = environment["SLURM_NTASKS"].flatMap { Int($0) }
  }
}
