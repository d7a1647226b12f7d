import Bootstrap
import Foundation
import Synchronization
import Transport

/// Ranks of the probe that find each other by themselves, each a process of its own started here; no mpirun.
struct Job {
  var ranks = 3
  var scenario = "sums"
  var operations = 5
  /// For all ranks.
  var environment: [String: String] = [:]
  /// For one rank, over those for all; a rank with nil is not started.
  var own: [Int: [String: String]?] = [:]
  /// Seconds by which ranks are started later than the first.
  var delays: [Int: Double] = [:]
  /// `HOST:PORT`; a file in the job's folder if nil.
  var rendezvous: String?
  /// Called with the job's folder before anything starts.
  var prepare: @Sendable (_ folder: String) throws -> Void = { _ in }
  /// Called with the job's folder when all have ended.
  var collect: @Sendable (_ folder: String) throws -> Void = { _ in }
  /// Called before the first delayed rank starts.
  var beforeDelayed: @Sendable (RunningJob) -> Void = { _ in }
  /// Seconds after which everything is killed.
  var deadline = 30.0

  /// Runs to the end, in a thread that outlives the ranks: they die with the thread that started them.
  func run(meanwhile: @escaping @Sendable (RunningJob) throws -> Void = { _ in }) async throws -> JobResult {
    await JobLimit.shared.enter()
    defer { Task { await JobLimit.shared.leave() } }
    return try await withCheckedThrowingContinuation { continuation in
      let thread = Thread { continuation.resume(with: Swift.Result { try runHere(meanwhile) }) }
      thread.stackSize = 1 << 20
      thread.start()
    }
  }

  private func runHere(_ meanwhile: (RunningJob) throws -> Void) throws -> JobResult {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Job.write(secret: Nonce.fresh(), to: folder.appendingPathComponent("secret").path)

    try prepare(folder.path)
    let running = RunningJob(folder: folder.path)
    defer { running.killAll() }
    for rank in (0..<ranks).sorted(by: { delays[$0, default: 0] < delays[$1, default: 0] }) {
      if case .some(nil) = own[rank] { continue }
      if let first = delays.keys.min(), rank == first { beforeDelayed(running) }
      Thread.sleep(forTimeInterval: max(0, delays[rank, default: 0] - running.seconds))
      try start(rank, in: running)
    }
    try meanwhile(running)
    running.waitForAll(until: deadline)
    try collect(folder.path)
    return try running.result(ranks: ranks)
  }

  private func start(_ rank: Int, in running: RunningJob) throws {
    let folder = running.folder
    let output = folder + "/output-\(rank)"
    _ = FileManager.default.createFile(atPath: output, contents: nil)
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
    let process = Process()
    process.executableURL = Launch.products.appendingPathComponent("lockstep-collectives-probe")
    process.arguments = [scenario, folder + "/verdict", "\(operations)"]
    var variables = [
      // A deliberate trap is not worth seconds of backtrace.
      "SWIFT_BACKTRACE": "enable=no",
      JobEnvironment.rank: "\(rank)", JobEnvironment.size: "\(ranks)",
      JobEnvironment.rendezvous: rendezvous ?? "file:\(folder)/rendezvous",
      JobEnvironment.secretFile: folder + "/secret", JobEnvironment.localSize: "\(ranks)",
    ]
    variables.merge(environment) { $1 }
    if case .some(.some(let more)) = own[rank] { variables.merge(more) { $1 } }
    process.environment = ProcessInfo.processInfo.environment.merging(
      variables.mapValues { $0.replacingOccurrences(of: "FOLDER", with: folder) }
    ) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = handle
    process.standardError = handle
    try running.start(process, as: rank)
  }

  /// Writes a secret as `LOCKSTEP_SECRET_FILE` wants it.
  static func write(secret: [UInt8], to path: String, mode: Int = 0o600) throws {
    _ = FileManager.default.createFile(
      atPath: path, contents: Data(secret), attributes: [.posixPermissions: mode])
  }

  /// A port of loopback that nobody used a moment ago.
  static func freePort() -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = UInt16(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        guard bind(descriptor, $0, length) == 0 else { return 0 }
        getsockname(descriptor, $0, &length)
        return $0.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { UInt16(bigEndian: $0.pointee.sin_port) }
      }
    }
  }
}
