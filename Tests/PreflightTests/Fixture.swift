import Launching
import Preflight

/// Evidence of hosts that are all like this one, to be changed by a test in one thing.
enum Fixture {
  static let program = String(repeating: "a", count: 64)
  static let recipe = String(repeating: "b", count: 64)

  /// - Parameter slots: of each host, named node1 and so on; all of them are taken by ranks.
  static func evidence(slots: Int...) -> Evidence {
    let hosts = slots.enumerated().map { ClusterHost(name: "node\($0 + 1)", slots: $1) }
    var subject = HostReport.Subject()
    (subject.recipe, subject.isBrief) = ("recipe.yaml", true)
    var report = HostReport.here(subject)
    report.recipe = recipe
    // Other tests make networks of their own on this machine.
    report.network = NetworkFacts(
      interfaces: [NetworkFacts.Interface(name: "eth0", address: "10.0.0.1")], chosen: ["10.0.0.1"])
    (report.cores.online, report.cores.allowed, report.cores.quota) = (4, 4, nil)
    (report.memory.total, report.memory.available) = (8 << 30, 4 << 30)
    (report.disk.isWritable, report.disk.isInMemory, report.disk.free) = (true, false, 1 << 40)
    report.processor.features = ["avx", "avx2", "fma", "avx512bw", "avx512dq", "avx512f", "avx512vl"]
    (report.processor.openBLASKernel, report.processor.variables) = ("SkylakeX", [:])
    let job = Evidence.Job(
      subject, shell: RemoteShell(launcher: .mpirun, agent: nil),
      placement: Placement(ranks: slots.reduce(0, +), on: hosts), program: program, recipe: recipe)
    return Evidence(
      job,
      hosts: hosts.map { host in
        var host = Evidence.Host(host, .success(report), program: program)
        host.seesOutput = .success(true)
        host.clock = (0.00001, 0.00005)
        return host
      })
  }
}

extension Evidence {
  /// Changes what one host told of itself.
  mutating func change(_ index: Int, _ body: (inout HostReport) -> Void) {
    guard case .success(var report) = hosts[index].report else { preconditionFailure("host \(index) told nothing") }
    body(&report)
    hosts[index].report = .success(report)
  }

  /// The lines of all checks that are no "ok".
  var troubles: [String] {
    Checks.thorough.flatMap { $0.findings(in: self) }.filter { $0.level != .ok }.map {
      "\($0.level) \($0.subject): \($0.words)"
    }
  }

  var obstacles: [String] {
    Checks.brief.flatMap { $0.findings(in: self) }.filter { $0.level == .error }.map(\.words)
  }
}
