import Launching
import Testing

@Suite("The command line of a launch")
struct CommandLineTests {
  private let words = ["train", "recipe.yaml", "--output", "out put"]

  private func request(_ launcher: Launcher, ranks: Int = 4, hosts: [ClusterHost] = []) -> LaunchRequest {
    var request = LaunchRequest(launcher: launcher, ranks: ranks, program: "/opt/lockstep", arguments: words)
    request.hosts = hosts
    return request
  }

  private func text(_ request: LaunchRequest, root: Bool = false, environment: [String: String] = [:]) -> String {
    let situation = LaunchSituation(
      placement: request.placement(on: request.hosts), epoch: 2, temporaryFolder: "/tmp/t",
      workingDirectory: "/work dir", isSuperuser: root, environment: environment)
    return request.commandLines(words, in: situation).map(\.shellText).joined(separator: "\n")
  }

  private let twoHosts = [ClusterHost(name: "node1", slots: 2), ClusterHost(name: "node2", slots: 2)]

  @Test("for mpirun on this machine")
  func alone() {
    #expect(
      text(request(.mpirun), environment: ["LOCKSTEP_FAULT": "x"])
        == "mpirun --quiet -n 4 --host localhost:4 --map-by slot --bind-to none --wdir '/work dir'"
        + " --mca orte_tmpdir_base /tmp/t -x LOCKSTEP_EPOCH=2 -x LOCKSTEP_RESTARTS=2"
        + " /opt/lockstep train recipe.yaml --output 'out put'")
  }

  @Test("for mpirun on two hosts exports what ranks there need, and uses ssh without questions")
  func hosts() {
    var request = request(.mpirun, hosts: twoHosts)
    request.exports = ["XDG_CACHE_HOME"]
    request.interface = "10.0.0.0/24"
    let environment = [
      "LOCKSTEP_ENCRYPT": "1", "HOME": "/root", "LD_LIBRARY_PATH": "/opt/swift", "LOCKSTEP_EPOCH": "9",
    ]
    let line = text(request, root: true, environment: environment)
    #expect(line.contains("-n 4 --host node1:2,node2:2 "))
    #expect(line.contains("--mca oob_tcp_if_include 10.0.0.0/24 --mca btl_tcp_if_include 10.0.0.0/24"))
    #expect(line.contains("--mca plm_rsh_args '-o BatchMode=yes -o ConnectTimeout=10'"))
    #expect(
      line.contains(
        "-x LD_LIBRARY_PATH -x LOCKSTEP_ENCRYPT -x XDG_CACHE_HOME -x LOCKSTEP_EPOCH=2"
          + " -x LOCKSTEP_INTERFACE=10.0.0.0/24 -x LOCKSTEP_RES"))
    #expect(line.contains(" --allow-run-as-root /opt/lockstep train"))
    #expect(!line.contains("HOME=") && !line.contains("-x HOME"))
    request.agent = "/opt/agent"
    #expect(text(request).contains("--mca plm_rsh_agent /opt/agent") && !text(request).contains("BatchMode"))
  }

  @Test("names the secret's file to ranks on hosts where the launch has left one, and how changed bytes are noticed")
  func secret() {
    var request = request(.mpirun, hosts: twoHosts)
    request.integrity = .checksum
    let situation = LaunchSituation(
      placement: request.placement(on: request.hosts), epoch: 0, temporaryFolder: "/tmp/t", workingDirectory: "/",
      isSuperuser: false, environment: ["LOCKSTEP_SECRET_FILE": "/home/me/secret"], secretFile: "/tmp/t/secret")
    let line = request.commandLines(words, in: situation).map(\.shellText).joined()
    #expect(line.contains("-x LOCKSTEP_INTEGRITY=checksum ") && line.contains("-x LOCKSTEP_SECRET_FILE=/tmp/t/secret "))
    #expect(!line.contains("-x LOCKSTEP_SECRET_FILE ") && !line.contains("/home/me"))
    // Where the launch has left none, the user's own.
    #expect(text(request, environment: ["LOCKSTEP_SECRET_FILE": "/s"]).contains("-x LOCKSTEP_SECRET_FILE "))
  }

  @Test("gives ranks on a slower host less of every batch")
  func weights() {
    let hosts = [ClusterHost(name: "node1"), ClusterHost(name: "node2", weight: 0.25)]
    let line = text(request(.mpirun, ranks: 2, hosts: hosts), environment: ["LOCKSTEP_WEIGHTS": "1,1"])
    #expect(line.contains("-x LOCKSTEP_EPOCH=2 -x LOCKSTEP_RESTARTS=2 -x LOCKSTEP_WEIGHTS=100,25 "))
    #expect(!line.contains("-x LOCKSTEP_WEIGHTS "))
  }

  @Test("for srun takes the allocation's hosts, or those given")
  func slurm() {
    #expect(
      text(request(.srun))
        == "LOCKSTEP_EPOCH=2 LOCKSTEP_RESTARTS=2 srun --mpi=pmix --ntasks=4 --distribution=block --cpu-bind=none"
        + " --kill-on-bad-exit=0 --wait=30 '--chdir=/work dir' /opt/lockstep train recipe.yaml --output 'out put'")
    #expect(text(request(.srun, hosts: twoHosts)).contains("--nodes=2 --nodelist=node1,node2 "))
  }

  @Test("without a launcher is one command a rank, with the contract's variables")
  func local() {
    let lines = text(request(.local, ranks: 2)).split(separator: "\n")
    #expect(
      lines[1]
        == "LOCKSTEP_EPOCH=2 LOCKSTEP_LOCAL_SIZE=2 LOCKSTEP_RANK=1 LOCKSTEP_RENDEZVOUS=file:/tmp/t/rendezvous"
        + " LOCKSTEP_RESTARTS=2 LOCKSTEP_SECRET_FILE=/dev/stdin LOCKSTEP_SIZE=2"
        + " /opt/lockstep train recipe.yaml --output 'out put'")
    #expect(lines.count == 2 && lines[0].contains("LOCKSTEP_RANK=0"))
  }

  @Test("keeps every word one word in a shell")
  func quoting() {
    let line = CommandLine("echo", ["it's", "", "$HOME", "a\"b", "--set", "techniques={ema: {decay: 0.9}}"])
    #expect(line.shellText == #"echo 'it'\''s' '' '$HOME' 'a"b' --set 'techniques={ema: {decay: 0.9}}'"#)
  }

  @Test(
    "is refused where it could never start",
    arguments: [
      (0, 1, Launcher.mpirun, "--ranks 0"), (5, 1, .mpirun, "offer 4 slots, and 5 ranks"),
      (4, 5, .mpirun, "--min-ranks 5"),
      (2, 1, .local, "node1 is another machine"),
    ])
  func refused(ranks: Int, minimum: Int, launcher: Launcher, expected: String) {
    var request = request(launcher, ranks: ranks, hosts: twoHosts)
    request.minimumRanks = minimum
    let error = #expect(throws: LaunchError.self) { try request.check() }
    #expect(error?.description.contains(expected) == true)
  }

  @Test("resumes automatically, whatever the user chose for the first start")
  func resuming() throws {
    #expect(try TrainArguments(["train", "r.yaml"]).resuming == ["train", "r.yaml", "--resume", "auto"])
    let chosen = try TrainArguments(["train", "--resume", "old", "r.yaml", "--resume=never", "--output=here"])
    #expect(chosen.resuming == ["train", "r.yaml", "--output=here", "--resume", "auto"])
    #expect(chosen.output == "here" && chosen.has("--resume") && !chosen.has("--progress"))
    #expect(try TrainArguments(["train", "r.yaml"]).output == "output")
    #expect(throws: LaunchError.self) { try TrainArguments(["predict", "x"]) }
    #expect(throws: LaunchError.self) { try TrainArguments([]) }
  }
}
