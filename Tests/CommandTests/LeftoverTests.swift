import Foundation
import Testing

@Suite("A run whose logs and models an earlier death damaged")
struct LeftoverTests {
  private func stopped() throws -> TinyRun {
    let run = try TinyRun()
    var command = run.train()
    command.variables = ["LOCKSTEP_FAULT": "rank:0,point:step,number:20,do:kill"]
    try #require(try command.run().status == 128 + SIGKILL)
    return run
  }

  private func damage(_ file: String, of run: TinyRun, _ body: (inout [UInt8]) -> Void) throws {
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: "\(run.folder.path)/out/\(file)")))
    body(&bytes)
    try run.folder.write(bytes, to: "out/\(file)")
  }

  @Test("loses the damaged line alone, with a warning for each log")
  func damagedLines() throws {
    let run = try stopped()
    let straight = try TinyRun()
    try #require(try straight.train().run().status == 0)
    let history = try run.folder.read("out/history.jsonl").split(separator: "\n").count
    try damage("metrics.jsonl", of: run) { $0[700] = 0xFF }
    try damage("ledger.jsonl", of: run) { $0[700] = 0xFF }
    // The beginning of a line that was being written, and what a loss of power leaves.
    try damage("history.jsonl", of: run) { $0 += Array("{\"event\": \"checkp".utf8) + [0, 0, 0, 0] }
    let outcome = try run.train("--resume", "auto").run()
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.split(separator: "\n").count { $0.contains("could not be read") } == 3, "\(outcome.error)")
    #expect(run.ledger.count == TinyRun.steps - 1)
    #expect(run.ledger.allSatisfy(straight.ledger.contains))
    #expect(run.loggedSteps.count == TinyRun.steps - 1 && run.evaluations.count == 3)
    let lines = try run.folder.read("out/history.jsonl").split(separator: "\n")
    #expect(lines.count > history && lines.allSatisfy { (try? object($0)) != nil })
    #expect(run.weightsHash == straight.weightsHash)
  }

  @Test("has no temporary file and no half of a model after the next start, and keeps all that is not its own")
  func temporaryFiles() throws {
    let run = try stopped()
    let own = [
      ".metrics.jsonl.tmp-0123456789abcdef", "models/best/.model.safetensors.tmp-00ff00ff00ff00ff",
      "models/last/.config.json.tmp-abcdefabcdefabcd", "models/last/vocab.txt", "trace.json.tmp",
    ]
    let others = ["models/best/.notes.tmp-1", ".tmp-0123456789abcdef", "models/mine/weights.bin"]
    for name in own + others { try run.folder.write("left", to: "out/\(name)") }
    let refused = try run.train("--resume", "auto", "--set", "seed=8").run()
    #expect(refused.status == 2, "\(refused.error)")
    for name in own { #expect(!run.folder.contains("out/\(name)"), "\(name)") }
    #expect(!run.folder.contains("out/models/last") && run.folder.contains("out/models/best/config.json"))
    for name in others { #expect(run.folder.contains("out/\(name)"), "\(name)") }
    #expect(try run.train("--resume", "auto").run().status == 0)
  }
}
