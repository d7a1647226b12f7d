import Foundation
import Testing

import Launching

@Suite("The secret of a launch on several hosts")
struct SecretDeliveryTests {
  /// A folder of this test, and an agent that runs on this machine what is meant for another host.
  private struct Place {
    let folder: String
    let script: String
    let shell: RemoteShell

    init(agent text: String = "shift; exec sh -c \"$*\"") throws {
      folder = FileManager.default.temporaryDirectory.path + "/lockstep-it's-\(UUID().uuidString)"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      // An agent's command is split at spaces, so its path has none.
      script = FileManager.default.temporaryDirectory.path + "/lockstep-agent-\(UUID().uuidString)"
      try text.write(toFile: script, atomically: true, encoding: .utf8)
      // A file that was just written may be busy where other threads start programs: a shell reads it.
      shell = RemoteShell(launcher: .mpirun, agent: "sh \(script)")
    }

    func delivery(to name: String) -> SecretDelivery {
      SecretDelivery(
        shell: shell, environment: ProcessInfo.processInfo.environment, folder: folder + "/" + name)
    }

    func remove() {
      try? FileManager.default.removeItem(atPath: folder)
      try? FileManager.default.removeItem(atPath: script)
    }
  }

  private let hosts = [ClusterHost(name: "node1"), ClusterHost(name: "node2"), ClusterHost(name: "localhost")]

  private func mode(_ path: String) -> Int? {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.posixPermissions] as? Int
  }

  @Test("lies in a file of its user alone, in a folder of its user alone, and is another one each time")
  func delivered() throws {
    let place = try Place()
    defer { place.remove() }
    let delivery = place.delivery(to: "launch's own")
    #expect(delivery.deliver(to: hosts).isEmpty)
    #expect(place.delivery(to: "deeper/than/usual").deliver(to: hosts).isEmpty)
    let first = try #require(FileManager.default.contents(atPath: delivery.path))
    #expect(first.count == 32 && mode(delivery.path) == 0o600 && mode(delivery.folder) == 0o700)
    #expect(delivery.deliver(to: hosts).isEmpty)
    #expect(FileManager.default.contents(atPath: delivery.path) != first)
    #expect(try FileManager.default.contentsOfDirectory(atPath: delivery.folder) == ["secret"])
  }

  @Test("is on no command line: the agent is given none of its bytes")
  func hidden() throws {
    let place = try Place(agent: "for word; do echo \"$word\" >> \"$0.words\"; done; shift; exec sh -c \"$*\"")
    defer { place.remove() }
    let delivery = place.delivery(to: "own")
    #expect(delivery.deliver(to: [hosts[0]]).isEmpty)
    let words = try String(contentsOfFile: place.script + ".words", encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: place.script + ".words") }
    let secret = try #require(FileManager.default.contents(atPath: delivery.path))
    #expect(words.contains("umask 077") && !Data(words.utf8).contains(secret))
    #expect(!words.contains(secret.map { String(format: "%02x", $0) }.joined()))
  }

  @Test("is not written through a link, into a folder of another user, or where there is no folder to be made")
  func refused() throws {
    let place = try Place()
    defer { place.remove() }
    try FileManager.default.createSymbolicLink(atPath: place.folder + "/link", withDestinationPath: place.folder)
    #expect(place.delivery(to: "link").deliver(to: [hosts[0]]) == [hosts[0]])
    try "a file".write(toFile: place.folder + "/file", atomically: true, encoding: .utf8)
    #expect(place.delivery(to: "file/deeper").deliver(to: hosts) == hosts)
    if geteuid() == 0 {
      try FileManager.default.createDirectory(atPath: place.folder + "/foreign", withIntermediateDirectories: false)
      chown(place.folder + "/foreign", 12_345, 12_345)
      #expect(place.delivery(to: "foreign").deliver(to: [hosts[0]]) == [hosts[0]])
    }
    #expect(!FileManager.default.fileExists(atPath: place.folder + "/secret"))
    let dead = try Place(agent: "exit 1")
    defer { dead.remove() }
    #expect(dead.delivery(to: "own").deliver(to: hosts) == [hosts[0], hosts[1]])
  }
}

extension Data {
  fileprivate func contains(_ other: Data) -> Bool { range(of: other) != nil }
}
