import Foundation
import Testing

extension VirtualClusterTests {
  @Test("under a supervisor goes on without the host whose link was cut, to the same weights")
  func supervised() throws {
    let cluster = try VirtualCluster(hosts: 3)
    let supervised = try Supervised(steps: 60)
    let hosts = (1...3).map { "\(cluster.name($0)) slots=1\n" }.joined()
    try supervised.run.folder.write("# three hosts\n" + hosts, to: "hosts")
    var command = supervised.launch("--hosts", "hosts", ranks: 3)
    command.arguments.insert(contentsOf: VirtualCluster.launchOptions, at: 1)
    command.deadline = 180
    let outcome = try command.run { running in
      try running.wait(forStep: 9, in: supervised.run)
      try cluster.cut(2)
    }
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(try supervised.run.weightsHash == Supervised.undisturbed.get())
    let started = try supervised.history("started").compactMap { $0["hosts"] as? [String] }
    #expect(started == [[1, 2, 3].map(cluster.name), [1, 3].map(cluster.name)])
    let verdict = try supervised.history("ended").first?["verdict"] as? [String: Any]
    #expect(verdict?["host"] as? String == cluster.name(2) && verdict?["cause"] as? String == "silent")
    try supervised.expectNothingLeft()
  }
}
