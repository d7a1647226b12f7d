/// The environment variables that a launcher passes to each rank; the contract between whatever starts ranks and `LaunchedGroup.join`.
///
/// Under `mpirun` and `srun --mpi=pmix` none of them is needed: the process manager says who is who and carries the addresses, and
/// public keys by which ranks know each other where there is no secret file. With `LOCKSTEP_RENDEZVOUS` the ranks find each other by themselves, under any launcher:
///
/// - `LOCKSTEP_RANK`, `LOCKSTEP_SIZE`: this rank and how many there are. Where they are missing, the variables of the launcher
///   count: those of Open MPI, MPICH and Intel MPI (`PMI_RANK`, `PMI_SIZE`), MVAPICH, jsrun, Flux, PALS, Horovod, Slurm
///   (`SLURM_PROCID`, `SLURM_STEP_NUM_TASKS`) and torchrun (`RANK`, `WORLD_SIZE`). With a size of 1 nothing else is read.
/// - `LOCKSTEP_RENDEZVOUS`: where rank 0 is found, the same text for all ranks. `HOST:PORT`: rank 0 listens there, so HOST must be
///   a name or an IPv4 address of its host and PORT a free one. `file:/PATH`: rank 0 listens on any free port and writes its address
///   to PATH, in a folder that all hosts share; the file is replaced if it is there, and removed once all ranks have come.
/// - `LOCKSTEP_SECRET_FILE`: a file of 16 to 4096 random bytes on every rank's host, the same for all ranks. It must be a regular
///   file of this user that nobody else may read or write (mode 0600 or 0400). It never travels over a
///   link. Under a process manager it is optional: with it, whoever changes the launcher's messages is noticed.
/// - `LOCKSTEP_EPOCH`: number of the attempt, from 0 up to 2³² - 1; 0 if missing. A restart counts it up, and what is left of an
///   earlier attempt is turned away.
/// - `LOCKSTEP_LOCAL_SIZE`: how many of the ranks run on this host (else `OMPI_COMM_WORLD_LOCAL_SIZE`). If that is all of
///   them, or HOST is a loopback address, every rank listens on loopback alone.
/// - `LOCKSTEP_INTERFACE`: otherwise, where ranks listen: the name of a network interface (`eth0`), a subnet (`10.1.0.0/16`), or `any`
///   for every address. Without it: all addresses of this host's interfaces but those of bridges for containers and machines.
/// - `LOCKSTEP_JOIN_TIMEOUT`: seconds that ranks may take to find each other; 60 if missing.
/// - `LOCKSTEP_WEIGHTS`: the relative speed of each rank, such as `1,3`, the same for all: microbatches are dealt out by it.
/// - `LOCKSTEP_ENCRYPT`: `1` encrypts and authenticates all connections between ranks (AES-256-GCM), `0` none; without it those
///   between hosts. All ranks must agree. Memory that ranks of one host share is left as it is.
/// - `LOCKSTEP_INTEGRITY`: how changes of what is not encrypted are noticed: `authenticated`, by a tag that only the two ranks can
///   make, which is the default, or `checksum`, against accidents alone. All ranks must agree.
/// - `LOCKSTEP_SHARED_MEMORY`: `0` has ranks of one host sum over their connections, as if they were on several hosts.
///
/// A rank that cannot make sense of them exits with status 78, one that waits in vain with 75; both say which ranks are missing.
/// Ranks die with the thread that started them (`PR_SET_PDEATHSIG`), so that none is left when a launcher is killed: a launcher
/// must start them from a thread that lives as long as they do.
public enum JobEnvironment {
  public static let rank = "LOCKSTEP_RANK"
  public static let size = "LOCKSTEP_SIZE"
  public static let rendezvous = "LOCKSTEP_RENDEZVOUS"
  public static let secretFile = "LOCKSTEP_SECRET_FILE"
  public static let epoch = "LOCKSTEP_EPOCH"
  public static let localSize = "LOCKSTEP_LOCAL_SIZE"
  public static let interface = "LOCKSTEP_INTERFACE"
  public static let joinTimeout = "LOCKSTEP_JOIN_TIMEOUT"
  public static let weights = "LOCKSTEP_WEIGHTS"
  public static let encrypt = "LOCKSTEP_ENCRYPT"
  public static let integrity = "LOCKSTEP_INTEGRITY"
  public static let sharedMemory = "LOCKSTEP_SHARED_MEMORY"
}
