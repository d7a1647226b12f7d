import Bootstrap
import Foundation
import Synchronization
import Testing

@Suite("A proxy between ranks that meet")
struct ProxyTests {
  /// Changes of the greeting, the challenge and the proof, of every kind.
  private static let changes = Proxy.Change.Kind.allCases.flatMap { kind in
    [(true, 20), (true, 100), (true, 120), (false, 10), (false, 70)].map { isFromClient, place in
      Proxy.Change(isFromClient: isFromClient, place: place, kind: kind)
    }
  }

  @Test("is noticed whatever it changes, and cannot play a session again; once it leaves bytes alone the job goes on")
  func changed() async throws {
    let proxy = Mutex<Proxy?>(nil)
    var job = Job(ranks: 3, environment: [JobEnvironment.joinTimeout: "60"], delays: [1: 0.8, 2: 0.9])
    job.deadline = 90
    job.beforeDelayed = { running in
      // Rank 0 says where it is in a file that the attacker can write: others come to the proxy.
      let path = running.folder + "/rendezvous"
      while !FileManager.default.fileExists(atPath: path), running.seconds < 30 { usleep(10_000) }
      let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      guard let match = text.firstMatch(of: /"port":(\d+)/), let port = UInt16(match.1) else { return }
      let between = Proxy(target: port, changes: Self.changes)
      try? text.replacing("\"port\":\(port)", with: "\"port\":\(between.port)")
        .write(toFile: path, atomically: true, encoding: .utf8)
      proxy.withLock { $0 = between }
    }
    let result = try await job.run { running in
      running.waitForAll(until: 80)
    }
    let answers = proxy.withLock { between in
      between?.close()
      return between?.answersToReplays ?? []
    }
    #expect(result.statuses == [0: 0, 1: 0, 2: 0], "\(result.words)")
    let said = try #require(result.output[0]!.firstMatch(of: /\((\d+) connections were turned away/))
    // A cut that the rank itself notices first is no refusal of rank 0's.
    #expect(Int(said.1)! >= Self.changes.count / 2, "\(result.words)")
    // Each of the two ranks was let in once; who played its session again got a challenge and no welcome.
    #expect(answers.map(\.count) == [96, 96])
  }
}
