import Foundation
import Testing

@Suite("lockstep runs")
struct RunsTests {
  private let run: TinyRun

  init() throws { run = try TinyRun() }

  /// Two finished runs below one folder, the second of which was begun twice.
  private func train() throws {
    for (name, rate) in [("a", "1.0e-3"), ("b", "1.0e-3"), ("b", "2.0e-3")] {
      let more = ["train", run.recipe, "--output", "all/\(name)", "--set", "steps=4"]
      let outcome = try run.command(more + ["--set", "optimizer.learning_rate=\(rate)"])
      try #require(outcome.status == 0, "\(outcome.error)")
    }
  }

  @Test("lists state, steps, best figure and what the recipes have that others have not, and removes what lies aside")
  func list() throws {
    try train()
    let lines = try run.command(["runs", "all"]).output.split(separator: "\n")
    try #require(lines.count == 2, "\(lines)")
    #expect(
      lines[0].hasPrefix("a  finished  step 4 of 4  accuracy 0.") && lines[0].contains("optimizer.learning_rate=0.001"))
    #expect(lines[1].hasPrefix("b  finished") && lines[1].contains("aside") && lines[1].contains("=0.002"))

    var refused = Command("runs", "all", "--prune", in: run.folder)
    refused.input = "n\n"
    #expect(try refused.run().error.contains("nothing was removed"))
    #expect(try aside() > 0)
    var agreed = refused
    agreed.input = "y\n"
    #expect(try agreed.run().status == 0)
    #expect(try aside() == 0)
    for name in ["a", "b"] { #expect(run.folder.contains("all/\(name)/models/best/model.safetensors")) }
    #expect(try run.command(["runs", "all", "--prune", "--yes"]).error.contains("nothing lies aside"))
  }

  private func aside() throws -> Int {
    let line = try #require(run.command(["runs", "all", "--json"]).output.split(separator: "\n").last)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    return try #require(object["aside_bytes"] as? Int)
  }

  @Test("refuses a folder without runs, and one that is not there", arguments: ["empty", "missing"])
  func refused(folder: String) throws {
    try FileManager.default.createDirectory(atPath: run.folder.path + "/empty", withIntermediateDirectories: true)
    let outcome = try run.command(["runs", folder])
    #expect(outcome.status == 2 && outcome.error.contains("lockstep: \(folder): "), "\(outcome.error)")
  }
}
