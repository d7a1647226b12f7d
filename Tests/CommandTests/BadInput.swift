import Foundation
import Testing

/// One way to give the program what it cannot use, and what its answer must name.
struct BadInput: Sendable, CustomTestStringConvertible {
  var what: String
  /// Texts that the one line on standard error holds.
  var mentions: [String]
  var more: [String] = []
  var prepare: @Sendable (TinyRun) throws -> Void

  var testDescription: String { what }

  init(
    _ what: String, says mentions: String..., more: [String] = [],
    prepare: @escaping @Sendable (TinyRun) throws -> Void = { _ in }
  ) {
    self.what = what
    self.mentions = mentions
    self.more = more
    self.prepare = prepare
  }

  /// An error in the recipe's text.
  init(_ what: String, _ old: String, _ new: String, says mentions: String...) {
    self.init(what)
    self.mentions = mentions + ["tiny.yaml"]
    prepare = { try $0.changeRecipe(old, new) }
  }

  /// Trains with it: exit 2, one line that holds what it should, and an output folder as it was.
  func expectRefusal() throws {
    let run = try TinyRun()
    try run.folder.write("{\"step\":1,\"loss\":0.5}\n", to: "out/metrics.jsonl")
    try run.folder.write("the model of an earlier run", to: "out/models/best/model.safetensors")
    try prepare(run)
    let before = run.folder.contents(below: "out")
    var command = run.train()
    command.arguments += more
    let outcome = try command.run()
    #expect(outcome.status == 2, "\(outcome.error)")
    #expect(outcome.output == "")
    #expect(outcome.error.hasPrefix("lockstep: "), "\(outcome.error)")
    #expect(outcome.error.split(separator: "\n").count == 1, "\(outcome.error)")
    for text in mentions { #expect(outcome.error.contains(text), "\(outcome.error)") }
    #expect(run.folder.contents(below: "out") == before, "the output folder was written to")
  }
}
