import Testing

@Suite(
  "optimizer: {sharded: true} under mpirun", .serialized,
  .enabled(if: Command.hasLauncher, "there is no /usr/bin/mpirun"))
struct ShardedOptimizerTests {
  @Test("names a rank that is lost before it has handed out its part, and goes on without parts, bit for bit")
  func lostRank() throws {
    let straight = try TinyRun()
    try #require(try straight.train().run().status == 0)

    let failing = try TinyRun()
    var command = failing.train("--set", "optimizer.sharded=true", ranks: 3)
    command.variables["LOCKSTEP_FAULT"] = "rank:1,point:update,number:10,after:1000,do:kill"
    let outcome = try command.run()
    #expect(outcome.status != 0 && outcome.seconds < 30)
    for rank in [0, 2] {
      let verdict = try failing.folder.json("out/verdict/rank-\(rank).json")
      #expect(verdict["rank"] as? Int == 1 && verdict["cause"] as? String == "died", "\(verdict)")
      #expect((verdict["operation"] as? String)?.contains("updated weights") == true, "\(verdict)")
    }
    let resumed = try failing.train("--resume", "auto", ranks: 2).run()
    #expect(resumed.status == 0 && resumed.error.contains("resumed after step"), "\(resumed.error)")
    #expect(failing.weightsHash == straight.weightsHash)
  }

  @Test("is refused beside steps of each rank's own")
  func refused() throws {
    let run = try TinyRun()
    let outcome = try run.train("--set", "optimizer.sharded=true", "--set", "reduction={every: 4}").run()
    #expect(outcome.status == 2 && outcome.error.contains("optimizer.sharded"), "\(outcome.error)")
  }
}
