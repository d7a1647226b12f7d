/// Who said so, by the variable with this process's rank; in the order in which they are asked.
package enum IdentitySource: String, CaseIterable {
  case environment = "LOCKSTEP_RANK"
  case processManager = "PMIX_RANK"
  case openMPI = "OMPI_COMM_WORLD_RANK"
  /// MPICH's and Intel's mpirun, Flux, PALS, and srun --mpi=pmi2.
  case processManagerInterface = "PMI_RANK"
  case mvapich2 = "MV2_COMM_WORLD_RANK"
  case mvapich = "MVP_COMM_WORLD_RANK"
  case jsrun = "JSM_NAMESPACE_RANK"
  case flux = "FLUX_TASK_RANK"
  case pals = "PALS_RANKID"
  case aprun = "ALPS_APP_PE"
  case horovod = "HOROVOD_RANK"
  case slurm = "SLURM_PROCID"
  /// torchrun, and what imitates it.
  case torchrun = "RANK"
  case alone = "no launcher"
}

extension IdentitySource {
  /// The variables with the number of ranks, the first that is set counts.
  var sizeVariables: [String] {
    switch self {
    case .environment: ["LOCKSTEP_SIZE"]
    case .openMPI: ["OMPI_COMM_WORLD_SIZE"]
    case .processManagerInterface: ["PMI_SIZE"]
    case .mvapich2: ["MV2_COMM_WORLD_SIZE"]
    case .mvapich: ["MVP_COMM_WORLD_SIZE"]
    case .jsrun: ["JSM_NAMESPACE_SIZE"]
    case .flux: ["FLUX_JOB_SIZE"]
    case .pals: ["PALS_SIZE", "PMI_SIZE"]
    case .horovod: ["HOROVOD_SIZE"]
    case .slurm: ["SLURM_STEP_NUM_TASKS", "SLURM_NTASKS", "SLURM_NPROCS"]
    case .torchrun: ["WORLD_SIZE"]
    case .processManager, .aprun, .alone: []
    }
  }

  /// Whether nothing but this launcher sets its variable, so that the variable alone says that it started the process.
  var isSpecific: Bool { self != .environment && self != .slurm && self != .torchrun && self != .alone }

  /// What set the variables, in words.
  var starter: String {
    switch self {
    case .environment: "the environment"
    case .processManager: "a launcher with PMIx"
    case .openMPI: "Open MPI"
    case .processManagerInterface: "MPICH's or Intel's mpirun"
    case .mvapich2, .mvapich: "MVAPICH"
    case .jsrun: "jsrun"
    case .flux: "Flux"
    case .pals: "PALS"
    case .aprun: "aprun"
    case .horovod: "horovodrun"
    case .slurm: "Slurm"
    case .torchrun: "torchrun"
    case .alone: "nothing"
    }
  }
}
