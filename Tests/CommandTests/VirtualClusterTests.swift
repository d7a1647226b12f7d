import Foundation
import Testing

@Suite(
  "A run over several hosts", .serialized,
  .enabled(if: VirtualCluster.isPossible, "network namespaces take root, iproute2 and mpirun"))
struct VirtualClusterTests {
  @Test("has the bits of one process, however the ranks lie on the hosts")
  func sameBits() throws {
    let cluster = try VirtualCluster(hosts: 4)
    let alone = try TinyRun()
    try #require(try alone.train().run().status == 0)
    for (hosts, slots) in [(4, 1), (2, 2)] {
      let run = try TinyRun()
      let outcome = try cluster.placing(run.train(), hosts: hosts, slots: slots).run()
      try #require(outcome.status == 0, "\(outcome.error)")
      #expect(run.weightsHash != nil && run.weightsHash == alone.weightsHash, "\(hosts) hosts of \(slots)")
    }
  }

  @Test("sums inside the hosts and between them, and with fewer bytes between them, to the same bits each time")
  func reductions() throws {
    let cluster = try VirtualCluster(hosts: 2)
    for reduction in ["hierarchical", "{wire: int8, every: 2, outer: {}}"] {
      let hashes = try (0..<2).map { _ in
        let run = try TinyRun()
        let outcome = try cluster.placing(run.train("--set", "reduction=\(reduction)"), hosts: 2, slots: 2).run()
        // Every rank has compared what it holds with the others after the last step.
        try #require(outcome.status == 0, "\(outcome.error)")
        return try #require(run.weightsHash)
      }
      #expect(hashes[0] == hashes[1], "\(reduction)")
    }
  }

  @Test("ends with a verdict that names the host whose link was cut")
  func cut() throws {
    let cluster = try VirtualCluster(hosts: 3)
    let run = try TinyRun()
    let command = cluster.placing(run.train("--set", "steps=100000"), hosts: 3, slots: 1)
    var seconds = Double.infinity
    _ = try command.run { running in
      try running.wait(forStep: 3, in: run)
      try cluster.cut(2)
      let cut = ContinuousClock.now
      try running.wait { [0, 2].allSatisfy { run.folder.contains("out/verdict/rank-\($0).json") } }
      seconds = (.now - cut) / .seconds(1)
      // mpirun waits for the host that it cannot reach; the run is over.
      running.kill()
    }
    #expect(seconds < 30)
    for rank in [0, 2] {
      let verdict = try run.folder.json("out/verdict/rank-\(rank).json")
      #expect(verdict["rank"] as? Int == 1 && verdict["host"] as? String == cluster.name(2), "\(verdict)")
    }
  }
}
