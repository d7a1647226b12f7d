import Foundation
import Testing

@Suite("--json")
struct JSONOutputTests {
  private func json(_ text: String) throws -> [[String: Any]] { try text.split(separator: "\n").map { try object($0) } }

  @Test("lists, verifies, audits and checks for programs as for people")
  func run() throws {
    let run = try TinyRun()
    #expect(try run.train().run().status == 0)
    let listed = try json(Command("checkpoint", "list", "out", "--json", in: run.folder).run().output)
    #expect(listed.map { $0["step"] as? Int }.suffix(2) == [28, 30])
    #expect(listed.allSatisfy { $0["valid"] as? Bool == true && ($0["bytes"] as? Int ?? 0) > 1000 })
    let manifest = listed.last?["manifest"] as? String

    let audit = try object(Command("audit", "out", "--json", in: run.folder).run().output)
    #expect(audit["holds"] as? Bool == true && (audit["findings"] as? [String]) == [])
    #expect((audit["proofs"] as? [String])?.isEmpty == false)

    let check = try object(
      Command("recipe", "check", run.recipe, "--json", "--parameters", in: run.folder).run().output)
    #expect(check["steps"] as? Int == TinyRun.steps && check["rows"] as? Int == TinyRun.rows)
    #expect(check["validation_rows"] as? Int == TinyRun.validationRows && check["steps_per_epoch"] as? Int == 12)
    let parameters = try #require(check["parameters"] as? [[String: Any]])
    let sizes = parameters.map { ($0["shape"] as? [Int] ?? []).reduce(1, *) }
    #expect(sizes.reduce(0, +) == check["weights"] as? Int)

    try run.folder.write("damaged", to: "out/checkpoints/step-00000028/state.json")
    let verified = try Command("checkpoint", "verify", "out", "--json", in: run.folder).run()
    #expect(verified.status == 74)
    let lines = try json(verified.output)
    #expect(lines.last { $0["valid"] as? Bool == true }?["manifest"] as? String == manifest)
    #expect(lines.first { $0["valid"] as? Bool == false }?["why"] as? String != nil)

    let ledger = try run.folder.read("out/ledger.jsonl").split(separator: "\n")
    try run.folder.write(ledger.dropLast().joined(separator: "\n") + "\n", to: "out/ledger.jsonl")
    let failed = try Command("audit", "out", "--json", in: run.folder).run()
    #expect(failed.status == 76)
    #expect(try object(failed.output)["holds"] as? Bool == false)
  }

  @Test("tells the frozen stretches of a recipe")
  func frozen() throws {
    let run = try TinyRun()
    try run.changeRecipe(
      "clip: 1.0", "clip: 1.0\ntechniques: {freeze: [{paths: [bert.encoder.layer.0], until_step: 12}]}")
    let check = try object(Command("recipe", "check", run.recipe, "--json", in: run.folder).run().output)
    let stretches = try #require(check["frozen"] as? [[String: Any]])
    #expect(stretches.map { $0["from_step"] as? Int } == [1, 13])
    #expect(stretches.map { $0["paths"] as? [String] } == [["bert.encoder.layer.0"], []])
  }
}
