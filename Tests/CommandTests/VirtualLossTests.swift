import Foundation
import Testing

extension VirtualClusterTests {
  @Test("between which large packets are lost ends with a verdict that names both ends of the link")
  func packetsAboveMTU() throws {
    let cluster = try VirtualCluster(hosts: 2)
    try cluster.dropLargePackets(to: 2)
    let run = try TinyRun()
    var command = cluster.placing(run.train("--set", "steps=100000"), hosts: 2, slots: 1)
    command.deadline = 180
    var seconds = Double.infinity
    let started = ContinuousClock.now
    _ = try command.run { running in
      try running.wait { !running.process.isRunning || run.folder.contains("out/verdict/rank-0.json") }
      seconds = (.now - started) / .seconds(1)
      running.kill()
    }
    #expect(seconds < 60)
    let verdict = try run.folder.json("out/verdict/rank-0.json")
    #expect(verdict["cause"] as? String == "link", "\(verdict)")
    let detail = verdict["detail"] as? String ?? ""
    let hosts = Set([verdict["host"] as? String ?? ""] + [1, 2].map(cluster.name).filter(detail.contains))
    #expect(hosts == Set([1, 2].map(cluster.name)) && detail.contains("MTU"), "\(verdict)")
  }

  @Test("is launched whatever TMPDIR holds: no word of a remote command is read as a shell's") func quotedFolder()
    throws
  {
    let cluster = try VirtualCluster(hosts: 2)
    let supervised = try Supervised(steps: 6)
    let hosts = (1...2).map { "\(cluster.name($0)) slots=1\n" }.joined()
    try supervised.run.folder.write(hosts, to: "hosts")
    try supervised.run.folder.write("x", to: "it's $(touch planted) \"here\"/x")
    var command = supervised.launch("--hosts", "hosts")
    command.arguments.insert(contentsOf: VirtualCluster.launchOptions, at: 1)
    command.variables["TMPDIR"] = supervised.run.folder.path + "/it's $(touch planted) \"here\""
    command.deadline = 180
    let outcome = try command.run()
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(!supervised.run.folder.contains("planted"))
  }
}
