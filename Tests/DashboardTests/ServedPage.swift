import Foundation

/// `lockstep dashboard` as a process of its own, over a folder; it ends with the object.
///
/// A server in the tests' own process would share its few threads with tests that wait.
final class ServedPage {
  let folder: RunFolder
  /// Shows no token.
  let client: Client
  private let process: Process

  struct NoAddress: Error { var said: String }

  /// - Parameters:
  ///   - more: arguments beside the folder and a free port.
  ///   - prepare: writes what is there at the start.
  init(_ more: String..., prepare: (RunFolder) throws -> Void = { _ in }) throws {
    folder = try RunFolder()
    try prepare(folder)
    process = Process()
    process.executableURL = Self.program
    process.arguments = ["dashboard", folder.directory.path, "--port", "0"] + more
    process.standardInput = FileHandle.nullDevice
    try folder.write("", to: "said")
    let said = try FileHandle(forWritingTo: URL(filePath: folder.path("said")))
    (process.standardOutput, process.standardError) = (said, said)
    try process.run()
    try said.close()
    client = Client(port: try Self.port(process, folder))
  }

  deinit { Self.end(process) }

  /// At once: a process inherits the signals that its parent's thread holds back.
  private static func end(_ process: Process) {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  var port: UInt16 { client.port }
  var processIdentifier: pid_t { process.processIdentifier }

  /// The token that its file holds.
  var token: String {
    get throws {
      try String(contentsOfFile: folder.path("dashboard.token"), encoding: .utf8).trimmingCharacters(in: .newlines)
    }
  }

  /// Seconds of processor time that it has used.
  var processorSeconds: Double {
    get throws {
      let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)
      let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
      return (Double(fields[12]) ?? 0) / 100 + (Double(fields[13]) ?? 0) / 100
    }
  }

  /// See `Client.get`; the token is shown, and the process lives at least as long as the answer takes.
  func get(
    _ target: String, method: String = "GET", headers: [String] = [], until end: String? = nil,
    meanwhile: () throws -> Void = {}
  ) throws -> Client.Answer {
    try withExtendedLifetime(self) {
      var client = client
      client.headers = ["Authorization: Bearer \(try token)"]
      return try client.get(target, method: method, headers: headers, until: end, meanwhile: meanwhile)
    }
  }

  /// The status of a request's answer; 0 without one.
  func status(_ target: String, method: String = "GET", headers: [String] = []) throws -> Int {
    try get(target, method: method, headers: headers).status
  }

  /// What it has printed.
  var said: String { (try? String(contentsOfFile: folder.path("said"), encoding: .utf8)) ?? "" }

  /// The program, which is built beside the tests.
  static let program = URL(
    filePath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
  ).deletingLastPathComponent().appending(path: "lockstep")

  private static func port(_ process: Process, _ folder: RunFolder) throws -> UInt16 {
    let deadline = ContinuousClock.now + .seconds(60)
    while true {
      let text = (try? String(contentsOfFile: folder.path("said"), encoding: .utf8)) ?? ""
      if let found = text.firstMatch(of: /http:\/\/[^ ]*:([0-9]+)\//), let port = UInt16(found.1) { return port }
      guard process.isRunning, .now < deadline else {
        end(process)
        throw NoAddress(said: text)
      }
      Thread.sleep(forTimeInterval: 0.01)
    }
  }
}
