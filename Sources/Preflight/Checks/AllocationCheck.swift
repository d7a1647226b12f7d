/// Whether there is room for the ranks in a Slurm allocation.
struct AllocationCheck: Check {
  func findings(in evidence: Evidence) -> [Finding] {
    guard evidence.job.shell.launcher == .srun else { return [] }
    guard let allocation = evidence.job.allocation else {
      return [
        Finding(
          .error, "Slurm", "there is no Slurm allocation for srun to start ranks in",
          advice: "get one with salloc, or use sbatch cluster/slurm/train.sbatch")
      ]
    }
    let found = "allocation \(allocation.job)" + (allocation.tasks.map { ", \($0) tasks" } ?? "")
    guard let ranks = evidence.job.placement?.ranks, let tasks = allocation.tasks, ranks > tasks else {
      return [Finding(.ok, "Slurm", found)]
    }
    return [
      Finding(
        .error, "Slurm", "\(found), and \(ranks) ranks are asked for",
        advice: "ask Slurm for --ntasks=\(ranks), or for fewer ranks")
    ]
  }
}
