import Foundation
import Testing

extension VirtualClusterTests {
  /// What a listener hears of a launch on two hosts, and the secret that lay on them meanwhile.
  private func hear(_ variables: [String: String]) throws -> (streams: [Data], secret: Data, mode: Int) {
    let cluster = try VirtualCluster(hosts: 2)
    let supervised = try Supervised(steps: 4)
    try supervised.run.folder.write((1...2).map { "\(cluster.name($0)) slots=1\n" }.joined(), to: "hosts")
    var command = supervised.launch("--hosts", "hosts")
    command.arguments.insert(contentsOf: VirtualCluster.launchOptions, at: 1)
    command.variables = variables
    let listener = try Eavesdropper(interfaces: [cluster.name(1), cluster.name(2)])
    var (secret, mode) = (Data(), 0)
    let outcome = try command.run { running in
      try running.wait {
        guard let folder = try? supervised.temporaryFolders().first,
          let found = FileManager.default.contents(atPath: folder + "/secret")
        else { return !running.process.isRunning }
        secret = found
        let attributes = try? FileManager.default.attributesOfItem(atPath: folder + "/secret")
        mode = (attributes?[.posixPermissions] as? Int) ?? 0
        return true
      }
    }
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(!outcome.error.contains("no secret file"), "\(outcome.error)")
    try supervised.expectNothingLeft()
    return (listener.streams(), secret, mode)
  }

  /// The ways in which bytes may stand in a message.
  private func encodings(_ secret: Data) -> [Data] {
    let hexadecimal = secret.map { String(format: "%02x", $0) }.joined()
    // Base 64 depends on where the bytes begin; the ends of each are shared with what is around them.
    let base64 = (0..<3).map { (Data(count: $0) + secret).base64EncodedString().dropFirst(4).prefix(32) }
    return [secret.prefix(16), secret.suffix(16), Data(secret.reversed().prefix(16))]
      + ([hexadecimal, hexadecimal.uppercased()] + base64.map(String.init)).map { Data($0.utf8) }
  }

  private func contains(_ streams: [Data], _ pattern: Data) -> Bool {
    streams.contains { $0.range(of: pattern) != nil }
  }

  /// In front of every frame, and of every handshake, which is never encrypted.
  private static let (frame, handshake) = (Data("LSTK\u{1}".utf8), Data("LSSH".utf8))

  @Test("shows a listener neither the job's secret nor a frame; without encryption it shows frames")
  func secrecy() throws {
    let encrypted = try hear([:])
    #expect(encrypted.secret.count == 32 && encrypted.mode == 0o600)
    #expect(contains(encrypted.streams, Self.handshake) && !contains(encrypted.streams, Self.frame))
    for encoding in encodings(encrypted.secret) { #expect(!contains(encrypted.streams, encoding)) }

    let plain = try hear(["LOCKSTEP_ENCRYPT": "0"])
    #expect(contains(plain.streams, Self.handshake) && contains(plain.streams, Self.frame))
    #expect(plain.secret != encrypted.secret)
    for encoding in encodings(plain.secret) { #expect(!contains(plain.streams, encoding)) }
  }

  @Test("notices bytes that change between the hosts, and names the rank that sent them", arguments: ["0", nil])
  func changed(encrypt: String?) throws {
    let cluster = try VirtualCluster(hosts: 2)
    let run = try TinyRun()
    var command = cluster.placing(run.train(), hosts: 2, slots: 1)
    var variables = ["LOCKSTEP_FAULT": "rank:1,point:step,number:3,do:corrupt"]
    variables["LOCKSTEP_ENCRYPT"] = encrypt
    command.launcherOptions += variables.flatMap { ["-x", "\($0.key)=\($0.value)"] }
    let outcome = try command.run()
    #expect(outcome.status != 0, "\(outcome.error)")
    let verdict = try run.folder.json("out/verdict/rank-0.json")
    #expect(verdict["rank"] as? Int == 1 && verdict["cause"] as? String == "corrupted", "\(verdict)")
    #expect((verdict["detail"] as? String)?.contains("genuine") == true, "\(verdict)")
  }

  @Test(
    "says in one line that nobody checks the launcher's messages, unless the hosts hold one secret; two are refused")
  func trust() throws {
    let cluster = try VirtualCluster(hosts: 2)
    let run = try TinyRun()
    let command = cluster.placing(run.train("--set", "steps=2"), hosts: 2, slots: 1)
    let open = try command.run()
    #expect(open.status == 0 && open.complaints.count { $0.contains("no secret file") } == 1, "\(open.error)")

    let path = run.folder.path + "/secret"
    try run.folder.write("a secret of some bytes", to: "secret")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    var closed = command
    closed.launcherOptions += ["-x", "LOCKSTEP_SECRET_FILE=\(path)"]
    let outcome = try closed.run()
    #expect(outcome.status == 0 && outcome.complaints.isEmpty, "\(outcome.error)")

    try run.folder.write("another secret, of one host", to: "other")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: run.folder.path + "/other")
    closed.launcherOptions[2] = try cluster.agent(
      in: run.folder, host: 2, seeing: [path: run.folder.path + "/other"])
    let refused = try closed.run()
    #expect(refused.status == 78 && refused.error.contains("sealed with another secret"), "\(refused.error)")
  }
}
