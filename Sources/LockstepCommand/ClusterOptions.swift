import ArgumentParser
import Launching

/// Where ranks run and how they are reached: what `launch` and `doctor` must be given alike.
struct ClusterOptions: ParsableArguments {
  @Option(
    help: "Use the hosts of this file, one a line: name, slots=N, weight=W. This machine by default.",
    completion: .file())
  var hosts: String?

  @Option(help: "Start the ranks with mpirun, srun, or local (this program itself, without MPI, on this machine).")
  var launcher = Launcher.mpirun

  @Option(help: "Connect the ranks over this network interface or subnet.")
  var interface: String?

  @Option(help: "Reach other hosts through this program, which is called with host and command; ssh by default.")
  var agent: String?

  /// A job of this very program on those hosts.
  func request(ranks: Int, arguments: [String]) throws -> LaunchRequest {
    var request = LaunchRequest(
      launcher: launcher, ranks: ranks, program: try OwnProgram.path(), arguments: arguments)
    if let hosts { request.hosts = try HostFile(contentsOfFile: hosts).hosts }
    request.interface = interface
    request.agent = agent
    return request
  }
}

extension Launcher: ExpressibleByArgument {}
