import Foundation
import Testing

@Suite("simulate", .serialized) struct SimulateTests {
  /// Four ranks on hosts of one core.
  private static func command(_ tiny: TinyRun) -> Command {
    Command(
      "simulate", "--recipe", tiny.recipe, "--steps", "3", "--json", "--ranks", "4", "--per-host", "4", "--cores", "1",
      in: tiny.folder)
  }

  @Test("measures a recipe here, for crowded hosts with processes of its own, and leaves no file behind")
  func crowded() throws {
    let tiny = try TinyRun()
    var command = Self.command(tiny)
    command.variables["TMPDIR"] = tiny.folder.path
    let outcome = try command.run()
    #expect(outcome.status == 0, "\(outcome.error)")
    let left = tiny.folder.contents(below: "").keys.filter { $0.hasPrefix("lockstep-") }
    #expect(left.isEmpty, "\(left)")
    let lines = try outcome.output.split(separator: "\n").map { try object($0) }
    #expect(lines.compactMap { $0["ranks"] as? Int } == [1, 2, 4])
    for line in lines {
      for way in ["ring", "ordered", "hierarchical", "every_16"] {
        let step = try #require((line[way] as? [String: Any])?["step_ms"] as? Double)
        let compute = try #require(line["compute_ms"] as? Double)
        #expect(step >= compute && compute > 0, "\(way): \(step) of \(compute)")
      }
    }
  }

  @Test("names the ranks that could not be timed, and what they said")
  func failure() throws {
    let tiny = try TinyRun()
    var command = Self.command(tiny)
    command.variables["LOCKSTEP_FAULT"] = "rank:1,point:step,number:1,do:exit"
    let outcome = try command.run()
    #expect(outcome.status != 0 && outcome.error.contains("ranks to be timed on this machine ended with status"))
    withExtendedLifetime(tiny) {}
  }
}
