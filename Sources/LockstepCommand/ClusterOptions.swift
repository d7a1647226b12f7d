import ArgumentParser
import Launching

/// Where ranks run and how they are reached: what `launch` and `doctor` must be told alike.
struct ClusterOptions: ParsableArguments {
  @Option(
    help: "A file with one host a line: name, slots=N, weight=W. This machine by default.", completion: .file())
  var hosts: String?

  @Option(help: "What starts the ranks: mpirun, srun, or local (this program, without MPI, on this machine).")
  var launcher = Launcher.mpirun

  @Option(help: "The network interface or subnet that the ranks talk over.")
  var interface: String?

  @Option(help: "The program that runs a command on another host, called with host and command; ssh by default.")
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
