import Foundation
import Testing

@Suite("A run whose logs were damaged")
struct LostLogTests {
  /// A run of 30 steps with checkpoints of steps 28 and 30, its results changed.
  private func run(_ change: (TinyRun) throws -> Void) throws -> (run: TinyRun, whole: [Substring], hash: String?) {
    let run = try TinyRun()
    let outcome = try run.train().run()
    try #require(outcome.status == 0, "\(outcome.error)")
    let (whole, hash) = (run.ledger, run.weightsHash)
    try change(run)
    return (run, whole, hash)
  }

  private func audit(_ run: TinyRun) throws -> Shell.Outcome { try Command("audit", "out", in: run.folder).run() }

  @Test("comes from the checkpoint before the lines that its ledger lost, to the same ledger and the same weights")
  func cutAndResumed() throws {
    let (run, whole, hash) = try run { run in
      let text = try run.folder.read("out/ledger.jsonl")
      try run.folder.write(String(text.dropLast(25)), to: "out/ledger.jsonl")
    }
    let before = try audit(run)
    #expect(before.status == 76 && before.output.contains("line 30 was being written"), "\(before.output)")
    #expect(before.output.contains("lockstep train --resume auto computes again"), "\(before.output)")
    let outcome = try run.train("--resume", "auto").run()
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(
      outcome.error.contains(
        "out/ledger.jsonl: lacks step 30 of 30, so the run continues from the checkpoint of step 28"),
      "\(outcome.error)")
    #expect(run.ledger == whole && run.weightsHash == hash)
    #expect(try audit(run).status == 0)
  }

  @Test("says in one line which steps its ledger and its metrics lack, where no checkpoint brings them back")
  func gone() throws {
    for isEmptied in [true, false] {
      let (run, _, _) = try run { run in
        for name in ["out/ledger.jsonl", "out/metrics.jsonl"] {
          isEmptied ? try run.folder.write("", to: name) : try run.folder.remove(name)
        }
      }
      let outcome = try run.train("--resume", "auto", "--set", "steps=34").run()
      #expect(outcome.status == 2 || outcome.status == 0, "\(outcome.error)")
      #expect(outcome.status == 0, "\(outcome.error)")
      #expect(outcome.error.contains("out/ledger.jsonl: lacks steps 1 to 30 of 30; lockstep audit"), "\(outcome.error)")
      #expect(outcome.error.contains("out/metrics.jsonl: lacks steps 1 to 30 of 30"), "\(outcome.error)")
      #expect(run.ledger.count == 4)
      let audit = try audit(run)
      #expect(audit.status == 76 && audit.output.contains("steps 1 to 30 are missing"), "\(audit.output)")
    }
  }

  @Test("takes one of each line, where a log was joined with itself")
  func doubled() throws {
    let (run, whole, _) = try run { run in
      for name in ["out/ledger.jsonl", "out/metrics.jsonl"] {
        let text = try run.folder.read(name)
        try run.folder.write(text + text, to: name)
      }
    }
    let outcome = try run.train("--resume", "auto", "--set", "steps=34").run()
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.contains("out/ledger.jsonl: 30 lines were there twice"), "\(outcome.error)")
    #expect(run.ledger.count == 34 && run.ledger.prefix(30) == whole[...])
    #expect(run.loggedSteps == Array(1...34))
    #expect(try audit(run).status == 0)
  }

  @Test("keeps all lines but one that was overwritten")
  func damagedLine() throws {
    let (run, whole, _) = try run { run in
      var bytes = Array(try run.folder.read("out/ledger.jsonl").utf8)
      bytes[40] = 0xFF
      try run.folder.write(bytes, to: "out/ledger.jsonl")
    }
    let outcome = try run.train("--resume", "auto", "--set", "steps=34").run()
    #expect(
      outcome.status == 0 && outcome.error.contains("line 1 could not be read and is dropped"), "\(outcome.error)")
    #expect(run.ledger.prefix(29) == whole.dropFirst())
    let audit = try audit(run)
    #expect(audit.status == 76 && audit.output.contains("step 1 is missing"), "\(audit.output)")
  }

  @Test("and whose state is of another step than its manifest is refused with the two")
  func foreignState() throws {
    let (run, _, _) = try run { run in
      for (name, old, new) in [("state.json", "\"step\" : 30", "\"step\" : 12")] {
        let path = "out/checkpoints/step-00000030/\(name)"
        try run.folder.write(run.folder.read(path).replacingOccurrences(of: old, with: new), to: path)
      }
      try Seal.anew("out/checkpoints/step-00000030", in: run.folder)
    }
    let outcome = try run.train("--resume", "auto", "--set", "steps=34").run()
    #expect(outcome.status == 2 && outcome.complaints.count == 1, "\(outcome.error)")
    #expect(outcome.error.contains("state.json is of step 12, and manifest.json of step 30"), "\(outcome.error)")
  }

  @Test("audit of what is no run's folder says so")
  func noRun() throws {
    let folder = try TemporaryFolder()
    try folder.write("x", to: "file")
    try folder.write("x", to: "folder/x")
    for (path, words) in [
      ("/nonexistent", "/nonexistent: does not exist; give the output folder"), ("file", "file: is a file; give"),
      ("folder", "folder: has no recipe.yaml, as the folder of a run has"),
    ] {
      for command in ["audit", "replay"] {
        let outcome = try Command(command, path, in: folder).run()
        #expect(outcome.status == 2 && outcome.error.contains(words), "\(outcome.error)")
      }
    }
  }
}
