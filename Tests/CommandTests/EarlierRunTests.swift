import Foundation
import Testing

@Suite("A new run in the folder of an earlier one")
struct EarlierRunTests {
  private func earlier() throws -> TinyRun {
    let run = try TinyRun()
    let outcome = try run.train("--set", "techniques={ema: {decay: 0.5}, swa: {start: 2}}", "--trace").run()
    try #require(outcome.status == 0, "\(outcome.error)")
    try run.folder.write("mine", to: "out/notes.txt")
    return run
  }

  private func names(_ run: TinyRun, _ folder: String = "out") -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: run.folder.path + "/" + folder)) ?? []).sorted()
  }

  @Test("puts models, logs and results aside, says so once, and leaves what is not a run's")
  func asideAndSaid() throws {
    let run = try earlier()
    let models = run.folder.contents(below: "out/models")
    let outcome = try run.train("--set", "seed=8", "--no-tensorboard").run()
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(names(run, "out/models") == ["best", "last"])
    #expect(!names(run).contains("trace.json") && !names(run).contains { $0.hasPrefix("events.out") }, "\(names(run))")
    #expect(names(run).contains("notes.txt"))
    let notes = outcome.error.split(separator: "\n").filter { $0.contains("put aside") }
    #expect(notes.count == 1 && notes[0].contains("checkpoint prune out") && notes[0].contains(" MB"), "\(notes)")
    let aside = try #require(names(run).first { $0.hasPrefix(".aside-") })
    #expect(run.folder.contents(below: "out/\(aside)/models") == models)
    #expect(run.folder.contains("out/\(aside)/recipe.yaml") && run.folder.contains("out/\(aside)/summary.json"))
  }

  @Test("also where it asked for a checkpoint and found none")
  func autoWithoutCheckpoint() throws {
    let run = try earlier()
    try run.folder.remove("out/checkpoints")
    let outcome = try run.train("--resume", "auto").run()
    #expect(outcome.status == 0 && outcome.error.contains("put aside"), "\(outcome.error)")
    #expect(names(run, "out/models") == ["best", "last"])
  }

  @Test("lists what lies aside in MB, and prunes it, and nothing else")
  func prune() throws {
    let run = try earlier()
    try #require(try run.train("--set", "seed=8").run().status == 0)
    let listed = try Command("checkpoint", "list", "out", in: run.folder).run().output
    #expect(listed.contains("/.aside-step-00000030-") && listed.contains("put aside: "), "\(listed)")
    #expect(listed.split(separator: "\n").last?.contains(" MB; remove it with lockstep checkpoint prune out") == true)
    let before = run.folder.contents(below: "out")
    let dry = try Command("checkpoint", "prune", "out", "--dry-run", in: run.folder).run()
    #expect(dry.status == 0 && dry.output.contains("would be removed"))
    #expect(run.folder.contents(below: "out") == before)
    let pruned = try Command("checkpoint", "prune", "out", "--json", in: run.folder).run().output
    let lines = try pruned.split(separator: "\n").map { try object($0) }
    #expect(lines.contains { $0["kind"] as? String == "run" && ($0["bytes"] as? Int ?? 0) > 1000 }, "\(pruned)")
    #expect(lines.allSatisfy { $0["removed"] as? Bool == true })
    let after = before.filter { !$0.key.contains(".aside-") }
    #expect(run.folder.contents(below: "out") == after && after.count < before.count)
    #expect(try Command("checkpoint", "prune", "out", in: run.folder).run().output == "nothing lies aside\n")
    #expect(try Command("checkpoint", "verify", "out", in: run.folder).run().status == 0)
  }

  @Test("follows no link when it prunes")
  func links() throws {
    let run = try TinyRun()
    try run.folder.write("precious", to: "elsewhere/file")
    try run.folder.write("old", to: "out/.aside-0123456789abcdef/models/best/config.json")
    for name in ["out/.aside-0123456789abcdef/models/linked", "out/.aside-fedcba9876543210"] {
      try FileManager.default.createSymbolicLink(
        atPath: run.folder.path + "/" + name, withDestinationPath: run.folder.path + "/elsewhere")
    }
    #expect(try Command("checkpoint", "prune", "out", in: run.folder).run().status == 0)
    #expect(names(run) == [])
    #expect(try run.folder.read("elsewhere/file") == "precious")
  }

  @Test("is refused where it begins with a model that would be put aside")
  func ownModel() throws {
    let run = try earlier()
    let before = run.folder.contents(below: "out")
    let model = "model={from: out/models/best, labels: 2}"
    let refused = try run.train("--set", model).run()
    #expect(refused.status == 2 && refused.complaints.count == 1, "\(refused.error)")
    #expect(refused.error.contains("out/models/best") && refused.error.contains("give another --output"))
    #expect(run.folder.contents(below: "out") == before)
    let other = try run.train("--set", model, "--output", "second").run()
    #expect(other.status == 0, "\(other.error)")
  }
}
