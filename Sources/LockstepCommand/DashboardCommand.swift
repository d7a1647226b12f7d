import ArgumentParser
import Dashboard
import Foundation
import Lockstep

struct DashboardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dashboard",
    abstract: "Serve a page about a run, finished or still running, that updates itself.",
    discussion: """
      Then open http://127.0.0.1:8080/. An address for other machines contains a token:
        lockstep dashboard output/quickstart
        lockstep dashboard output/quickstart --host 0.0.0.0

      From another machine, without a token: ssh -L 8080:127.0.0.1:8080 HOST. Prometheus finds
      its figures under /metrics, with the token as a bearer token if there is one.
      """)

  @Argument(help: "The output folder of a run.")
  var directory: String

  @Option(help: "Listen at this port; 0 for any that is free.")
  var port: UInt16 = 8080

  @Option(help: "Listen at this address. All but loopback addresses ask for a token.")
  var host = "127.0.0.1"

  func run() throws {
    try reportingFailure {
      guard FileManager.default.fileExists(atPath: directory) else {
        throw RunDirectoryError(path: directory, problem: "is not there; give the output folder of a run")
      }
      let page = try LivePage(RunDirectory(path: directory), at: PageAddress(host: host, port: port))
      page.announce()
      while true { sleep(.max) }
    }
  }
}
