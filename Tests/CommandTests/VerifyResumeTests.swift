import Testing

@Suite("verify-resume", .serialized) struct VerifyResumeTests {
  private func verify(_ arguments: String..., variables: [String: String] = [:]) throws -> Shell.Outcome {
    let run = try TinyRun()
    var command = Command("verify-resume", run.recipe, in: run.folder)
    command.arguments += arguments
    command.variables = variables
    return try command.run()
  }

  @Test(
    "finds every technique the same, killed, stopped and resumed on other numbers of ranks",
    .enabled(if: Command.hasLauncher, "there is no /usr/bin/mpirun"))
  func sameBits() throws {
    let techniques = """
      {label_smoothing: {}, r_drop: {}, self_distillation: {decay: 0.9}, fgm: {}, ema: {decay: 0.9},
      swa: {start: 2, every: 2}, freeze: [{paths: [bert.embeddings], until_step: 3}]}
      """
    let outcome = try verify(
      "--steps", "7", "--schedules", "2", "--cuts", "2", "--ranks", "2,3", "--seed", "4", "--set",
      "techniques=\(techniques)", "--set", "optimizer.lookahead={steps: 2}", "--set", "checkpoint.every=2", "--set",
      "model.multi_sample_dropout=[0.1, 0.3]")
    #expect(outcome.status == 0, "\(outcome.error)")
    let lines = outcome.output.split(separator: "\n")
    try #require(lines.count == 3, "\(outcome.output)")
    #expect(lines.dropFirst().allSatisfy { $0.hasSuffix(", the same") }, "\(outcome.output)")
    #expect(lines.dropFirst().allSatisfy { $0.contains("killed at step") || $0.contains("stopped at step") })
    #expect(lines[0].contains(", swa ") && lines[0].contains(", ema "), "\(outcome.output)")
  }

  @Test("ends with status 76 where the bits differ")
  func differentBits() throws {
    // The bit flips in the run that goes through, and not in the piece that ends with a fault of its own.
    let outcome = try verify(
      "--steps", "6", "--schedules", "1", "--cuts", "1", "--ranks", "1", "--seed", "2", "--set", "checkpoint.every=1",
      variables: ["LOCKSTEP_FAULT": "rank:0,point:weights,number:1,do:flip"])
    #expect(outcome.status == 76 && outcome.complaints.count == 1, "\(outcome.output) \(outcome.error)")
    #expect(outcome.output.contains("DIFFERENT"))
  }

  @Test("refuses a reduction whose bits depend on the number of ranks")
  func ring() throws {
    let outcome = try verify("--ranks", "1,4", "--set", "reduction=ring")
    let isRefused = outcome.error.contains("reduction is ring, which gives other bits on 4 ranks")
    #expect((isRefused && outcome.status == 2) || !Command.hasLauncher, "\(outcome.error)")
  }
}
