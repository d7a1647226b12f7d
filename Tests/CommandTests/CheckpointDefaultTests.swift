import Foundation
import Testing

@Suite("Checkpoints that a recipe does not ask for")
struct CheckpointDefaultTests {
  private func run(_ section: String, ranks: Int? = nil, _ more: [String] = []) throws -> TinyRun {
    let run = try TinyRun()
    try run.changeRecipe("checkpoint: {every: 4, keep: 2}\n", section)
    var command = run.train(ranks: ranks)
    command.arguments += more
    let outcome = try command.run()
    try #require(outcome.status == 0, "\(outcome.error)")
    return run
  }

  private func steps(_ run: TinyRun) -> [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: run.folder.path + "/out/checkpoints")) ?? []
    return names.compactMap { $0.hasPrefix("step-") ? Int($0.dropFirst(5)) : nil }.sorted()
  }

  @Test("are one at the end of a short run, and false is none; weights and ledger are the same bytes")
  func atTheEnd() throws {
    let usual = try run("")
    #expect(steps(usual) == [30])
    #expect(steps(try run("checkpoint:\n")) == [30])
    let none = try run("checkpoint: false\n")
    #expect(steps(none) == [] && !none.folder.contains("out/checkpoints"))
    #expect(usual.weightsHash == none.weightsHash && usual.ledger == none.ledger && usual.ledger.count == 30)
  }

  @Test("come by rank 0's clock, and no bit of weights or ledger depends on when", arguments: [nil, 2])
  func byTime(ranks: Int?) throws {
    if ranks != nil && !Command.hasLauncher { return }
    let none = try run("checkpoint: false\n")
    let timed = try run("checkpoint: {minutes: 0.0001, keep: 100}\n", ranks: ranks)
    #expect(steps(timed).count > 2 && steps(timed).last == 30, "\(steps(timed))")
    #expect(timed.weightsHash == none.weightsHash && timed.ledger == none.ledger)
    let verified = try Command("checkpoint", "verify", "out", in: timed.folder).run()
    #expect(verified.status == 0, "\(verified.output)")
  }

  @Test("by time are what a killed run continues from, to the same weights and the same ledger")
  func resumed() throws {
    let none = try run("checkpoint: false\n")
    let run = try TinyRun()
    try run.changeRecipe("checkpoint: {every: 4, keep: 2}", "checkpoint: {minutes: 0.0001}")
    var command = run.train()
    command.variables = ["LOCKSTEP_FAULT": "rank:0,point:step,number:23,do:kill"]
    try #require(try command.run().status == 128 + SIGKILL)
    #expect((1...3).contains(steps(run).count), "\(steps(run))")
    let outcome = try run.train("--resume", "auto").run()
    #expect(outcome.status == 0 && outcome.error.contains("resumed after step"), "\(outcome.error)")
    #expect(run.weightsHash == none.weightsHash && run.ledger == none.ledger)
  }

  @Test("are refused where their time is not a positive number", arguments: ["0", "-1", ".nan", "soon"])
  func wrongTime(minutes: String) throws {
    let run = try TinyRun()
    let outcome = try run.train("--set", "checkpoint.minutes=\(minutes)").run()
    #expect(outcome.status == 2 && outcome.complaints.count == 1, "\(outcome.error)")
    #expect(outcome.error.contains("checkpoint.minutes"), "\(outcome.error)")
  }

  @Test("are written when a run is stopped, also where the recipe wants none")
  func onRequest() throws {
    let run = try TinyRun()
    try run.changeRecipe("checkpoint: {every: 4, keep: 2}", "checkpoint: false")
    var command = run.train()
    command.variables = ["LOCKSTEP_FAULT": "rank:0,point:step,number:7,do:terminate"]
    #expect(try command.run().status == 85)
    #expect(steps(run).count == 1)
  }

  @Test("are what recipe explain says")
  func explained() throws {
    let run = try TinyRun()
    let outcome = try Command("recipe", "explain", "checkpoint", "--json", in: run.folder).run()
    let keys = try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
    let byName = Dictionary(uniqueKeysWithValues: keys.map { ($0["key"] as? String ?? "", $0) })
    #expect(byName["checkpoint.keep"]?["default"] as? Int == 2)
    #expect(byName["checkpoint.minutes"]?["otherwise"] as? String == "10, or none where every is given")
    #expect((byName["checkpoint"]?["meaning"] as? String)?.contains("at the end") == true)
  }
}
