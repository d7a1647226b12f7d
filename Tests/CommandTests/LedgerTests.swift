import Foundation
import Testing

@Suite("The ledger of a run") struct LedgerTests {
  /// A run of 30 steps, 12 an epoch, with checkpoints of steps 28 and 30.
  private func run() throws -> TinyRun {
    let run = try TinyRun()
    let outcome = try run.train().run()
    try #require(outcome.status == 0, "\(outcome.error)")
    return run
  }

  @Test("proves that each epoch used every sample once, and finds what was done to it")
  func audit() throws {
    let run = try run()
    let sound = try run.command(["audit", "out"])
    #expect(sound.status == 0, "\(sound.error)")
    #expect(
      sound.output.split(separator: "\n") == [
        "30 steps in order, each with the samples of the plan",
        "epoch 1: 96 of 96 samples, each used exactly once", "epoch 2: 96 of 96 samples, each used exactly once",
        "epoch 3: 48 of 96 samples, each used exactly once so far",
        "rows, vocabulary and start model are those that the run began with",
      ])

    let lines = run.ledger.map(String.init)
    func expect(_ finding: String, _ change: (inout [String]) -> Void) throws {
      var changed = lines
      change(&changed)
      try run.folder.write(changed.joined(separator: "\n") + "\n", to: "out/ledger.jsonl")
      let outcome = try run.command(["audit", "out"])
      #expect(outcome.status == 76 && outcome.output.contains("WRONG: " + finding), "\(outcome.output)")
      #expect(outcome.complaints.count == 1, "\(outcome.error)")
    }
    try expect("line 5: step 5 is missing") { $0.remove(at: 4) }
    try expect("epoch 1 is over and 8 of 96 samples were not used") { $0.remove(at: 4) }
    try expect("line 6: step 5 comes twice or out of order, after step 5") { $0.insert($0[4], at: 5) }
    try expect("line 8: step 7 comes twice or out of order") { $0.swapAt(6, 7) }
    try expect("line 3 cannot be read") { $0[2].removeLast(9) }
    try expect("line 3 cannot be read") { $0[2].replace("\"epoch\": 0", with: "\"epoch\": 9223372036854775807") }
    try expect("step 4 computed other samples") { lines in
      let (fourth, fifth) = (words(of: lines[3]), words(of: lines[4]))
      lines[3].replace(fourth["samples"]!, with: fifth["samples"]!)
    }
    try expect("the ledger ends with step 29, and a checkpoint is of step 30") { $0.removeLast() }
  }

  /// The words of a line by their names.
  private func words(of line: String) -> [String: String] {
    ((try? object(line)) ?? [:]).compactMapValues { $0 as? String }
  }

  @Test("is what its steps give again, bit for bit, at another number of ranks too", arguments: [nil, 3])
  func replay(ranks: Int?) throws {
    if ranks != nil && !Command.hasLauncher { return }
    let run = try run()
    let last = try run.command(["replay", "out"], ranks: ranks)
    #expect(last.status == 0, "\(last.error)")
    #expect(
      last.output.split(separator: "\n") == [
        "from the checkpoint of step 28", "step 29: the same bits (samples, loss_sum, gradient_norm)",
        "step 30: the same bits (samples, loss_sum, gradient_norm, weights, state)",
      ])
    let early = try run.command(["replay", "out", "--step", "4"], ranks: ranks)
    #expect(early.status == 0 && early.output.hasPrefix("from the initial weights\n"), "\(early.error)")

    for (step, name) in [(30, "weights"), (29, "loss_sum_bits"), (29, "gradient_norm_bits"), (30, "state")] {
      var lines = run.ledger.map(String.init)
      let word = words(of: lines[step - 1])[name]!
      lines[step - 1].replace(word, with: word.first == "0" ? "1" + word.dropFirst() : "0" + word.dropFirst())
      let kept = try run.folder.read("out/ledger.jsonl")
      try run.folder.write(lines.joined(separator: "\n") + "\n", to: "out/ledger.jsonl")
      let outcome = try run.command(["replay", "out"], ranks: ranks)
      #expect(outcome.status == 76 && outcome.complaints.count == 1, "\(outcome.error)")
      #expect(outcome.error.contains("step \(step): \(name.replacing("_bits", with: "")) was "), "\(outcome.error)")
      try run.folder.write(kept, to: "out/ledger.jsonl")
    }
  }

  @Test("that is not there, or lacks the step, is said in a line")
  func absent() throws {
    let run = try run()
    let beyond = try run.command(["replay", "out", "--step", "31"])
    #expect(beyond.status == 2 && beyond.error.contains("has no step 31; give one from 1 to 30"), "\(beyond.error)")
    try run.folder.remove("out/ledger.jsonl")
    for name in ["audit", "replay"] {
      let outcome = try run.command([name, "out"])
      #expect(outcome.status == 2 && outcome.complaints.count == 1, "\(outcome.error)")
    }
  }
}
