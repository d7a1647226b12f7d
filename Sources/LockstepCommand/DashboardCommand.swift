import ArgumentParser
import Console
import Dashboard
import Foundation
import Lockstep

struct DashboardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dashboard",
    abstract: "Serve a page about a run, finished or still running, that updates itself.",
    discussion: """
      Open the address that it prints, which contains a token:
        lockstep dashboard output/quickstart
        lockstep dashboard output/quickstart --host 0.0.0.0

      The token is kept in OUTPUT/dashboard.token, which only you can read. From another machine: \
      ssh -L 8080:127.0.0.1:8080 HOST. Prometheus finds its figures under /metrics, with the \
      token as a bearer token.
      """)

  @Argument(help: "The output folder of a run.")
  var directory: String

  @Option(help: "Listen at this port; 0 for any that is free.")
  var port: UInt16 = 8080

  @Option(help: "Listen at this address, such as 0.0.0.0 for all of this machine.")
  var host = "127.0.0.1"

  /// Started by `train`, whose process it ends with.
  @Flag(help: .private)
  var besideTraining = false

  func run() throws {
    try reportingFailure {
      guard FileManager.default.fileExists(atPath: directory) else {
        throw RunDirectoryError(path: directory, problem: "is not there; give the output folder of a run")
      }
      let address = try PageAddress(host: host, port: port)
      if besideTraining { return try serveBesideTraining(address) }
      try LivePage(RunDirectory(path: directory), at: address).announce()
      while true { sleep(.max) }
    }
  }

  /// Serves until SIGTERM, which the kernel sends when the process that trains dies.
  private func serveBesideTraining(_ address: PageAddress) throws {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    signal(SIGPIPE, SIG_IGN)
    // Ranks compute on the same cores.
    _ = nice(10)
    let page = try LivePage(RunDirectory(path: directory), at: address)
    try StandardOutput.print("port \(page.address.port)")
    var signal: Int32 = 0
    sigwait(&signals, &signal)
    page.close()
  }
}
