import Bootstrap
import Collectives
import Foundation
import Testing
import Transport

@Suite("Ranks without a process manager")
struct RendezvousTests {
  @Test(
    "find each other at an address or through a file, sum right and part in order", arguments: [2, 3, 5], [false, true])
  func meet(ranks: Int, byFile: Bool) async throws {
    let job = Job(ranks: ranks, rendezvous: byFile ? nil : "127.0.0.1:\(Job.freePort())")
    let result = try await job.run()
    #expect(result.statuses == Dictionary(uniqueKeysWithValues: (0..<ranks).map { ($0, 0) }), "\(result.words)")
    for rank in 0..<ranks { #expect(result.output[rank]!.contains("rank \(rank) of \(ranks): 5 operations right")) }
    #expect(result.verdicts.isEmpty)
  }

  @Test("find each other on the addresses of a network, not on loopback alone")
  func network() async throws {
    // Without a local size the ranks do not know that they share a host, so they listen on its interfaces.
    guard NetworkInterface.all.contains(where: { !$0.isLoopback }) else { return }
    let job = Job(environment: [JobEnvironment.localSize: "1"])
    #expect(try await job.run().statuses == [0: 0, 1: 0, 2: 0])
  }

  @Test("say who is missing when the time is up, all of them the same", arguments: [0, 1, 2])
  func missing(rank missing: Int) async throws {
    let result = try await Job(environment: [JobEnvironment.joinTimeout: "1"], own: [missing: nil]).run()
    let others = [0, 1, 2].filter { $0 != missing }
    for rank in others {
      #expect(result.statuses[rank] == 75, "\(result.words)")
      #expect(result.ends[rank]! < 5)
      let verdict = try #require(result.verdicts[rank])
      #expect(verdict.rank == missing && verdict.cause == .absent, "\(verdict)")
      #expect(result.output[rank]!.contains("rank \(missing) "))
    }
  }

  /// What keeps rank 2 out, and the words that rank 0 says about it.
  static let outsiders = [
    ([JobEnvironment.secretFile: "FOLDER/other"], "holds another secret"),
    ([JobEnvironment.epoch: "6"], "attempt 6, where 7 runs"),
  ]

  @Test("turn away a rank with another secret or of another attempt, and say so", arguments: outsiders)
  func outsider(environment: [String: String], words: String) async throws {
    let all = [JobEnvironment.epoch: "7", JobEnvironment.joinTimeout: "2"]
    var job = Job(environment: all, own: [2: environment], rendezvous: "127.0.0.1:\(Job.freePort())")
    job.prepare = { try Job.write(secret: Nonce.fresh(), to: $0 + "/other") }
    let result = try await job.run()
    #expect(result.statuses == [0: 75, 1: 75, 2: 75], "\(result.words)")
    for rank in 0...1 { #expect(result.verdicts[rank]?.rank == 2 && result.verdicts[rank]?.cause == .absent) }
    #expect(result.output[0]!.contains(words), "\(result.words)")
    #expect(result.verdicts[2]?.rank == 0, "\(result.words)")
  }

  @Test("notice a rank that comes and dies before all are there")
  func early() async throws {
    let result = try await Job(own: [2: nil]).run { job in
      // Time for both to come, on a busy machine too.
      Thread.sleep(forTimeInterval: 4)
      job.signal(1, SIGKILL)
    }
    #expect(result.statuses == [0: 75, 1: 137] && result.ends[0]! < 12, "\(result.words)")
    #expect(result.verdicts[0]?.rank == 1 && result.verdicts[0]?.cause == .died)
  }

  /// Layouts that make no sense, and a part of what is said about them.
  static let layouts: [([Int: [String: String]], String)] = [
    ([2: [JobEnvironment.rank: "1"]], "two processes say that they are rank 1"),
    ([1: [JobEnvironment.encrypt: "1"]], "in another way than rank 0"),
    ([1: [JobEnvironment.integrity: "checksum"]], "in another way than rank 0"),
  ]

  @Test("refuse a job that makes no sense with status 78, on every rank", arguments: layouts)
  func layout(own: [Int: [String: String]], words: String) async throws {
    let result = try await Job(environment: [JobEnvironment.joinTimeout: "3"], own: own).run()
    #expect(result.statuses.values.contains(78) && !result.statuses.values.contains(0), "\(result.words)")
    #expect(result.output[0]!.contains(words), "\(result.words)")
  }

  @Test(
    "refuse variables that make no sense with status 78",
    arguments: [
      [JobEnvironment.secretFile: ""], [JobEnvironment.secretFile: "/etc/passwd"], [JobEnvironment.rendezvous: "here"],
      [JobEnvironment.epoch: "-1"], [JobEnvironment.joinTimeout: "soon"], [JobEnvironment.encrypt: "yes"],
      [JobEnvironment.interface: "nowhere0", JobEnvironment.localSize: "1"],
    ])
  func nonsense(environment: [String: String]) async throws {
    let result = try await Job(ranks: 2, environment: environment, own: [1: nil]).run()
    #expect(result.statuses == [0: 78], "\(result.words)")
    #expect(result.output[0]!.split(separator: "\n").count == 1, "\(result.words)")
  }

  @Test("overlook the file of an attempt that is over")
  func staleFile() async throws {
    var job = Job(ranks: 2, delays: [0: 0.7])
    job.prepare = { folder in
      let left = #"{"epoch": 0, "machine": "another", "addresses": ["127.0.0.1"], "port": \#(Job.freePort())}"#
      try left.write(toFile: folder + "/rendezvous", atomically: true, encoding: .utf8)
    }
    let result = try await job.run()
    #expect(result.statuses == [0: 0, 1: 0], "\(result.words)")
  }
}

@Suite("A secret file")
struct JobSecretTests {
  private func read(_ bytes: [UInt8], mode: Int = 0o600) throws -> [UInt8] {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-\(UUID().uuidString)").path
    try Job.write(secret: bytes, to: path, mode: mode)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try JobSecret.read(path)
  }

  @Test("is read when nobody else may use it", arguments: [0o600, 0o400])
  func good(mode: Int) throws {
    #expect(try read(Array(0..<32), mode: mode) == Array(0..<32))
    #expect(try read([UInt8](repeating: 1, count: 4096)).count == 4096)
  }

  @Test("is refused when others may read or write it", arguments: [0o644, 0o640, 0o604, 0o620, 0o602, 0o610])
  func readable(mode: Int) throws {
    let error = #expect(throws: GroupError.self) { try read(Array(0..<32), mode: mode) }
    #expect(error?.exitStatus == 78 && error?.description.contains("mode \(String(mode, radix: 8))") == true)
  }

  @Test("is refused when it is too short, too long, or no file", arguments: [0, 15, 4097])
  func length(count: Int) throws {
    #expect(throws: GroupError.self) { try read([UInt8](repeating: 1, count: count)) }
    #expect(throws: GroupError.self) { try JobSecret.read("/dev/zero") }
    #expect(throws: GroupError.self) { try JobSecret.read("/") }
    #expect(throws: GroupError.self) { try JobSecret.read("/nowhere/secret") }
  }
}
