import Bootstrap
import Launching
import Preflight
import Testing

@Suite("The checks of hosts")
struct CheckTests {
  @Test("find nothing wrong with hosts that are well and alike")
  func healthy() {
    let evidence = Fixture.evidence(slots: 2, 2)
    #expect(evidence.troubles == [])
    #expect(evidence.obstacles == [])
  }

  @Test(
    "tell why a host does not answer, one line each",
    arguments: [
      (
        Absence.unreachable("Connection refused"),
        "node2: no answer (Connection refused); check that it is up and that ssh enters it without a password"
      ),
      (.noFolder("/run"), "node2: there is no folder /run; make it there, or start from a folder that all hosts share"),
      (.noProgram("/bin/x"), "node2: there is no program /bin/x; copy this one there, to the same path"),
      (.mute("unknown option"), "node2: another program than here; copy this one to the same path on every host"),
    ])
  func absent(absence: Absence, line: String) {
    var evidence = Fixture.evidence(slots: 1, 1)
    evidence.hosts[1].report = .failure(absence)
    evidence.hosts[1].program = nil
    #expect(evidence.obstacles == [line])
  }

  @Test("tell that nothing is known where no host answers")
  func silence() {
    var evidence = Fixture.evidence(slots: 1, 1)
    for index in 0..<2 {
      evidence.hosts[index].report = .failure(.unreachable("No route to host"))
      evidence.hosts[index].clock = nil
    }
    #expect(evidence.obstacles.count == 3)
    #expect(
      evidence.obstacles.last
        == "none of the 2 hosts answers, so nothing is known of them; mend what is named above, and look again")
    // Nothing else is judged, least of all well.
    #expect(Checks.thorough.flatMap { $0.findings(in: evidence) }.allSatisfy { $0.level == .error })
  }

  @Test("tell of another program, another recipe, a missing recipe, and a missing interface")
  func different() {
    var evidence = Fixture.evidence(slots: 1, 1, 1, 1)
    evidence.hosts[1].program = String(repeating: "c", count: 64)
    evidence.change(2) { $0.recipe = String(repeating: "d", count: 64) }
    evidence.change(3) { $0.recipe = nil }
    evidence.change(3) { $0.network.problem = "this host has no network address on interface ib0 (it has none)" }
    #expect(
      evidence.obstacles == [
        "node2: another program than here (SHA-256 cccccccccccc… there, aaaaaaaaaaaa… here); "
          + "copy this one to the same path on every host",
        "node3: recipe.yaml is another recipe than here; copy it from here to every host",
        "node4: there is no recipe recipe.yaml; copy it from here to every host",
        "node4: this host has no network address on interface ib0 (it has none); "
          + "give --interface one that every host has, by name or subnet",
      ])
  }

  @Test("tell of a first host whose output is not seen here, and take separate disks for granted")
  func output() {
    var evidence = Fixture.evidence(slots: 1, 1)
    evidence.hosts[1].seesOutput = .success(false)
    #expect(evidence.obstacles == [])
    evidence.isOutputHere = false
    #expect(evidence.obstacles.count == 1 && evidence.obstacles[0].hasPrefix("node1: rank 0 runs there"))
    evidence.hosts[0].seesOutput = .failure(Evidence.Trouble(words: "Permission denied"))
    #expect(
      evidence.obstacles.count == 1 && evidence.obstacles[0].contains("(Permission denied); give another --output"))
  }

  @Test(
    "tell of kernels below what the processor offers, and of variables that choose them",
    arguments: [
      ("Haswell", [:], ["AVX2) though the processor has AVX-512; install a newer OpenBLAS"]),
      ("Prescott", [:], ["SSE) though the processor has AVX-512; install a newer OpenBLAS"]),
      (
        "ZEN", ["OPENBLAS_CORETYPE": "Zen"],
        [
          "OPENBLAS_CORETYPE=Zen chooses OpenBLAS's kernels or their blocks by hand; unset OPENBLAS_CORETYPE",
          "AVX2) though the processor has AVX-512; unset the variables above",
        ]
      ),
      ("Cooperlake", ["OPENBLAS_L2_SIZE": "1024"], ["unset OPENBLAS_L2_SIZE"]),
      ("SomethingNew", [:], []),
      ("", [:], ["; install libopenblas0-pthread, or OpenBLAS as your system calls it"]),
    ])
  func kernels(kernel: String, variables: [String: String], ends: [String]) {
    var evidence = Fixture.evidence(slots: 1)
    evidence.change(0) { ($0.processor.openBLASKernel, $0.processor.variables) = (kernel, variables) }
    let lines = evidence.troubles.filter { $0.contains(" BLAS: ") }
    #expect(lines.count == ends.count && zip(lines, ends).allSatisfy { $0.hasSuffix($1) }, "\(lines)")
  }

  @Test("tell of binding, quotas, crowded processors, little memory and disks that do not last")
  func resources() {
    var evidence = Fixture.evidence(slots: 5, 1, 1, 3)
    evidence.change(1) { $0.cores.allowed = 1 }
    evidence.change(2) { ($0.cores.quota, $0.disk.isInMemory) = (0.5, true) }
    evidence.change(3) { ($0.memory.available, $0.disk.isWritable) = (1 << 30, false) }
    let troubles = evidence.troubles
    for words in [
      "warning cores: node1: 5 ranks share 4 processors; give it at most slots=4",
      "warning cores: node2: bound to 1 of 4 processors; start the ranks with mpirun --bind-to none, "
        + "or leave the binding out",
      "warning cores: node3: its control group allows the time of 0.5 of 4 processors, so ranks take 1 thread together "
        + "unless the recipe sets threads; raise the limit of the container or service for more",
      "warning memory: node4: 1.0 GiB of 8.0 GiB available, little for 3 ranks; end what else runs there, "
        + "or give it fewer slots",
    ] {
      #expect(troubles.contains(words), "\(troubles)")
    }
    #expect(troubles.count { $0.contains(" disk: ") } == 2, "\(troubles)")
  }

  @Test(
    "tell of an mpirun that is not Open MPI's, by what it calls itself",
    arguments: [
      ("HYDRA build details:", true), ("Intel(R) MPI Library for Linux* OS, Version 2021.9", true),
      ("mpirun (Open MPI) 4.1.4", false), ("mpirun (Open MPI) 5.0.3", false),
    ])
  func launcher(version: String, isRefused: Bool) {
    var evidence = Fixture.evidence(slots: 1)
    evidence.change(0) { $0.launchers = LauncherFacts(mpirun: version, srun: nil, pmix: "OpenPMIx 4.2.2") }
    let lines = evidence.troubles.filter { $0.contains(" launcher: ") }
    #expect(lines.count == (isRefused ? 1 : 0), "\(lines)")
    if isRefused {
      #expect(lines.first?.hasPrefix("error launcher: node1: the mpirun on the PATH is not Open MPI's") == true)
    }
  }

  @Test("tell of srun without an allocation, and of more ranks than it has tasks")
  func allocation() {
    var evidence = Fixture.evidence(slots: 2, 1)
    evidence.job.shell.launcher = .srun
    #expect(evidence.obstacles.count == 1 && evidence.obstacles[0].hasPrefix("there is no Slurm allocation"))
    evidence.job.allocation = SlurmAllocation(["SLURM_JOB_ID": "17", "SLURM_NTASKS": "2"])
    #expect(
      evidence.obstacles == [
        "allocation 17, 2 tasks, and 3 ranks are asked for; ask Slurm for --ntasks=3, or for fewer ranks"
      ])
    for tasks in [["SLURM_NTASKS": "3"], [:]] {
      evidence.job.allocation = SlurmAllocation(tasks.merging(["SLURM_JOB_ID": "17"]) { $1 })
      #expect(evidence.obstacles == [])
    }
  }

  @Test("tell of clocks that go apart, beyond what the question itself took")
  func clocks() {
    var evidence = Fixture.evidence(slots: 1, 1, 1)
    evidence.hosts[1].clock = (-61.5, 0.002)
    evidence.hosts[2].clock = (1.2, 0.4)
    #expect(
      evidence.troubles.filter { $0.contains(" clock: ") } == [
        "warning clock: node2: 61.5 s behind this machine, ± 2.0 ms; let chrony or another NTP client set it"
      ])
  }

  @Test("tell of ways between hosts that are closed, slow, slower than the others, or long")
  func links() {
    var evidence = Fixture.evidence(slots: 1, 1, 1, 1)
    func link(_ from: Int, _ to: Int, _ rate: Double, _ roundTrip: Double = 5e-5) -> Evidence.Link {
      let figures = LinkFigures(address: "10.0.0.1", roundTrip: roundTrip, sending: rate, receiving: 2e9)
      return Evidence.Link(from: from, to: to, figures: .success(figures))
    }
    evidence.links = [
      link(0, 1, 1.2e9), link(0, 2, 1.2e9), link(0, 3, 0.4e9), link(1, 2, 1.2e9, 0.03), link(1, 3, 1e6),
      Evidence.Link(from: 2, to: 3, figures: .failure(Evidence.Trouble(words: "10.0.0.4:9: Connection refused"))),
    ]
    let lines = evidence.troubles.filter { $0.contains(" link: ") }
    #expect(lines.count == 4, "\(lines)")
    for (line, (start, words)) in zip(
      lines,
      [
        ("warning link: node1 – node4", "slower than the others"), ("warning link: node2 – node3", "far apart"),
        ("warning link: node2 – node4: 8.0 Mbit/s there, 16.0 Gbit/s back", "slow for sums"),
        ("error link: node3", "does not reach node4 (10.0.0.4:9: Connection refused)"),
      ])
    {
      #expect(line.hasPrefix(start) && line.contains(words), "\(line)")
    }
  }

  @Test("let every host meet every other one once, and nobody twice in a round", arguments: 0...9)
  func tournament(players: Int) {
    let rounds = Tournament.rounds(of: players)
    let pairs = rounds.joined().map { [$0.0, $0.1] }
    #expect(Set(pairs).count == pairs.count && pairs.count == players * (players - 1) / 2)
    #expect(pairs.allSatisfy { $0[0] < $0[1] && $0[0] >= 0 && $0[1] < players })
    for round in rounds {
      let seen = round.flatMap { [$0.0, $0.1] }
      #expect(Set(seen).count == seen.count, "\(round)")
    }
  }
}
