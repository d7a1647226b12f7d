import Foundation
import Testing

@Suite("A run that is resumed with other inputs")
struct InputsTests {
  /// A run whose start model is its own folder, stopped after a few steps; tokens are cached.
  private func stopped() throws -> TinyRun {
    let first = try TinyRun()
    try #require(try first.train("--set", "steps=2", "--set", "schedule.warmup=0").run().status == 0)
    let run = try TinyRun()
    try FileManager.default.moveItem(
      atPath: first.folder.path + "/out/models/last", toPath: run.folder.path + "/model")
    let text = try run.folder.read(run.recipe)
    let lines = text.split(separator: "\n").filter { !$0.contains("configuration:") && !$0.contains("vocabulary:") }
    try run.folder.write(lines.joined(separator: "\n") + "\n", to: run.recipe)
    try run.changeRecipe("model:", "model:\n  from: model")
    var command = run.train()
    command.variables = ["LOCKSTEP_FAULT": "rank:0,point:step,number:9,do:terminate"]
    let outcome = try command.run()
    try #require(outcome.status == 85, "\(outcome.error)")
    return run
  }

  private func change(_ file: String, of run: TinyRun, _ body: (inout String) -> Void) throws {
    var text = try run.folder.read(file)
    let before = text
    body(&text)
    try #require(text != before)
    try run.folder.write(text, to: file)
  }

  private func expectRefusal(_ run: TinyRun, naming input: String, ranks: Int? = nil) throws {
    let before = run.folder.contents(below: "out")
    let outcome = try run.train("--resume", "auto", ranks: ranks).run()
    #expect(outcome.status == 2, "\(outcome.error)")
    #expect(outcome.error.contains("with other inputs (\(input) changed since)"), "\(outcome.error)")
    #expect(outcome.error.contains("put back what it began with"), "\(outcome.error)")
    #expect(outcome.complaints.count == 1, "\(outcome.error)")
    #expect(run.folder.contents(below: "out") == before)
    let audit = try Command("audit", "out", in: run.folder).run()
    #expect(audit.status == 76 && audit.output.contains("changed since the run began"), "\(audit.output)")
  }

  @Test("is refused: a text of a training row, one more row, a label, a validation row")
  func rows() throws {
    let run = try stopped()
    let (train, validation) = (try run.folder.read("train.tsv"), try run.folder.read("dev.tsv"))
    try change("train.tsv", of: run) { $0.replace(" the ", with: " a ", maxReplacements: 1) }
    try expectRefusal(run, naming: "data.train")
    try run.folder.write(train + "one more\t0\n", to: "train.tsv")
    try expectRefusal(run, naming: "data.train")
    try run.folder.write(train, to: "train.tsv")
    try change("train.tsv", of: run) { $0.replace("\t1\n", with: "\t0\n", maxReplacements: 1) }
    try expectRefusal(run, naming: "data.train")
    try run.folder.write(train, to: "train.tsv")
    try change("dev.tsv", of: run) { $0.replace("\t1\n", with: "\t0\n", maxReplacements: 1) }
    try expectRefusal(run, naming: "data.validation")
    try run.folder.write(validation, to: "dev.tsv")
    let outcome = try run.train("--resume", "auto").run()
    #expect(outcome.status == 0 && outcome.error.contains("resumed after step"), "\(outcome.error)")
  }

  @Test("is refused: another vocabulary, other start weights, another configuration; on two ranks as on one")
  func model() throws {
    let run = try stopped()
    let vocabulary = try run.folder.read("model/vocab.txt")
    try change("model/vocab.txt", of: run) { text in
      text.replace("\ngood\n", with: "\n~\n")
      text.replace("\nbad\n", with: "\ngood\n")
      text.replace("\n~\n", with: "\nbad\n")
    }
    try expectRefusal(run, naming: "model.from/vocab.txt", ranks: Command.hasLauncher ? 2 : nil)
    try run.folder.write(vocabulary, to: "model/vocab.txt")
    let weights = run.folder.path + "/model/model.safetensors"
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: weights)))
    bytes[bytes.count - 3] ^= 1
    try run.folder.write(bytes, to: "model/model.safetensors")
    try expectRefusal(run, naming: "model.from/model.safetensors")
  }

  @Test("continues where only the spelling, the place or what nobody reads is another")
  func sameInputs() throws {
    let run = try stopped()
    try run.folder.write("notes", to: "model/README.md")
    try FileManager.default.moveItem(atPath: run.folder.path + "/model", toPath: run.folder.path + "/moved")
    try change("train.tsv", of: run) { $0.replace("\n", with: "\r\n") }
    let outcome = try run.train("--resume", "auto", "--set", "model.from=moved").run()
    #expect(outcome.status == 0 && outcome.error.contains("resumed after step"), "\(outcome.error)")
    let inputs = try run.folder.json("out/summary.json")["inputs"] as? [String: String]
    #expect(
      inputs?["data.train"]?.count == 64 && inputs?["model.from/model.safetensors"]?.count == 64, "\(inputs ?? [:])")
  }
}
