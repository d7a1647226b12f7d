import Foundation
import Testing

@Suite("A run under mpirun", .serialized, .enabled(if: Command.hasLauncher, "there is no /usr/bin/mpirun"))
struct RanksTests {
  @Test(
    "gives the losses and the bits of one process",
    arguments: [(2, "ring"), (2, "ordered"), (3, "ordered"), (4, "ordered")])
  func sameBits(ranks: Int, reduction: String) throws {
    let (alone, together) = (try TinyRun(), try TinyRun())
    let first = try alone.train("--set", "reduction=\(reduction)").run()
    let second = try together.train("--set", "reduction=\(reduction)", ranks: ranks).run()
    try #require(first.status == 0 && second.status == 0, "\(first.error) \(second.error)")
    #expect(together.weightsHash != nil && together.weightsHash == alone.weightsHash)
    #expect(together.ledger.count == TinyRun.steps && together.ledger == alone.ledger)
    #expect(together.losses.count == TinyRun.steps && together.losses == alone.losses)
    #expect(try together.folder.json("out/summary.json")["ranks"] as? Int == ranks)
    for key in ["loss", "accuracy", "f1", "matthews"] {
      #expect(together.evaluations.map { $0[key] as? Double } == alone.evaluations.map { $0[key] as? Double })
    }
    #expect(!together.folder.contains("out/verdict"))
  }

  @Test("and unequal weights gives the bits of one process", arguments: ["1,3", "2,1,1"])
  func weights(_ weights: String) throws {
    let (alone, together) = (try TinyRun(), try TinyRun())
    let ranks = weights.split(separator: ",").count
    let first = try alone.train("--set", "steps=6").run()
    var command = together.train("--set", "steps=6", ranks: ranks)
    if ranks == 2 {
      command.variables["LOCKSTEP_WEIGHTS"] = weights
    } else {
      command.arguments += ["--weights", weights]
    }
    let second = try command.run()
    try #require(first.status == 0 && second.status == 0, "\(first.error) \(second.error)")
    #expect(together.ledger.count == 6 && together.ledger == alone.ledger)
  }

  @Test("and weights that do not fit is refused", arguments: ["1,2,3", "1", "0,0", "1,x", "1,-1", "1,,2"])
  func wrongWeights(_ weights: String) throws {
    let run = try TinyRun()
    let outcome = try run.train("--weights", weights, ranks: 2).run()
    #expect(outcome.status == 78, "\(outcome.error)")
    #expect(outcome.error.contains("the weights \(weights) do not fit 2 ranks"), "\(outcome.error)")
  }

  @Test("ends within seconds when a rank is killed, and the others know which", arguments: [0, 1, 2])
  func death(culprit: Int) throws {
    let run = try TinyRun()
    var killed = ContinuousClock.now
    let outcome = try run.train("--set", "steps=100000", ranks: 3).run { running in
      try running.wait(forStep: 3, in: run)
      kill(try running.process(ofRank: culprit), SIGKILL)
      killed = .now
    }
    #expect(outcome.status != 0)
    #expect(ContinuousClock.now - killed < .seconds(60))
    for rank in 0..<3 where rank != culprit {
      let verdict = try run.folder.json("out/verdict/rank-\(rank).json")
      #expect(verdict["rank"] as? Int == culprit && verdict["cause"] as? String == "died", "\(verdict)")
    }
    #expect(!run.folder.contains("out/verdict/rank-\(culprit).json"))
    let comparison = try Command("verdict", "out", in: run.folder).run()
    let others = (0..<3).filter { $0 != culprit }
    #expect(comparison.output.contains("rank \(culprit) on"), "\(comparison.output)")
    for rank in others { #expect(comparison.output.contains("\nrank \(rank) on"), "\(comparison.output)") }
  }

  @Test("stops as one when a single rank is asked to, with a checkpoint and status 85", arguments: [0, 1])
  func stopped(rank: Int) throws {
    let run = try TinyRun()
    let outcome = try run.train("--set", "steps=100000", ranks: 2).run { running in
      try running.wait(forStep: 3, in: run)
      kill(try running.process(ofRank: rank), SIGTERM)
    }
    #expect(outcome.status == 85, "\(outcome.error)")
    let last = try #require(run.loggedSteps.last)
    #expect(run.folder.contains("out/checkpoints/" + String(format: "step-%08d", last)))
  }

  @Test("ends with status 76 when a bit flips in one rank's weights, and names the rank and the step")
  func flippedBit() throws {
    let run = try TinyRun()
    var command = run.train("--set", "verify.replicas=5", "--set", "checkpoint.every=20", ranks: 3)
    command.variables["LOCKSTEP_FAULT"] = "rank:1,point:weights,number:7,do:flip"
    let outcome = try command.run()
    #expect(outcome.status == 76, "\(outcome.error)")
    #expect(outcome.complaints.count == 1, "\(outcome.error)")
    #expect(outcome.error.contains("lockstep: rank 1 on "), "\(outcome.error)")
    #expect(run.loggedSteps.last == 9)
    for rank in 0..<3 {
      let verdict = try run.folder.json("out/verdict/rank-\(rank).json")
      #expect(verdict["rank"] as? Int == 1 && verdict["cause"] as? String == "diverged" && verdict["step"] as? Int == 6)
    }
  }

  @Test("whose rank was killed goes on with fewer ranks")
  func resumed() throws {
    let (straight, run) = (try TinyRun(), try TinyRun())
    try #require(try straight.train("--set", "steps=60").run().status == 0)
    _ = try run.train("--set", "steps=60", ranks: 2).run { running in
      try running.wait(forStep: 8, in: run)
      kill(try running.process(ofRank: 1), SIGKILL)
    }
    #expect(try run.train("--set", "steps=60", "--resume", "auto").run().status == 0)
    #expect(run.weightsHash == straight.weightsHash)
  }
}
