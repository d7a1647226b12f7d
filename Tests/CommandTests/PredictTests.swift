import Foundation
import Testing

@Suite("lockstep predict")
struct PredictTests {
  /// A trained model, and what it says about three texts in a file.
  private func trained() throws -> (run: TinyRun, lines: String) {
    let run = try TinyRun()
    let outcome = try run.train("--set", "steps=4").run()
    try #require(outcome.status == 0, "\(outcome.error)")
    try run.folder.write("sentence\nwhat a \"fine\" film\n\nit bores\n", to: "rows.tsv")
    let file = try predict(run, "--input", "rows.tsv")
    try #require(file.status == 0 && file.output.split(separator: "\n").count == 3, "\(file)")
    return (run, file.output)
  }

  private func predict(_ run: TinyRun, input: String = "", _ arguments: String...) throws -> Shell.Outcome {
    var command = Command("predict", "out/models/last", in: run.folder)
    command.arguments += arguments
    command.input = input
    return try command.run()
  }

  @Test("says the same of a file, of standard input in each format, and of texts on the command line")
  func sources() throws {
    let (run, lines) = try trained()
    let rows = "{\"sentence\": \"what a \\\"fine\\\" film\"}\n{\"sentence\": \"\"}\n{\"sentence\": \"it bores\"}\n"
    let others = [
      try predict(run, "--text", "what a \"fine\" film", "--text", "", "--text", "it bores"),
      try predict(run, input: "what a \"fine\" film\n\nit bores\n", "--input", "-"),
      try predict(run, input: "what a \"fine\" film\r\n\r\nit bores", "--input", "-"),
      try predict(run, input: "sentence\nwhat a \"fine\" film\n\nit bores\n", "--input", "-", "--format", "tsv"),
      try predict(
        run, input: "n,s\n1,\"what a \"\"fine\"\" film\"\n2,\n3,it bores\n", "--input", "-", "--format", "csv",
        "--text", "s"),
      try predict(run, input: rows, "--input", "-", "--format", "jsonl"),
    ]
    for other in others { #expect(other.output == lines && other.status == 0, "\(other)") }
  }

  @Test("reads pairs from the command line as from a table")
  func pairs() throws {
    let (run, _) = try trained()
    try run.folder.write("a\tb\nhow old?\twhat age?\nwho?\twhere?\n", to: "pairs.tsv")
    let file = try predict(run, "--input", "pairs.tsv", "--text", "a", "--pair", "b")
    let texts = try predict(run, "--text", "how old?", "--pair", "what age?", "--text", "who?", "--pair", "where?")
    #expect(file.status == 0 && file.output.split(separator: "\n").count == 2, "\(file)")
    #expect(texts.output == file.output, "\(texts)")
    #expect(try predict(run, "--text", "how old?", "--text", "who?").output != file.output)
  }

  @Test("says which rows are cut or empty, and which ids name no row or several")
  func remarks() throws {
    let (run, _) = try trained()
    let long = String(repeating: "film ", count: 40)
    try run.folder.write("n,s\n7,\(long)\n7,fine\n,bad\n12345678901234567890,\n", to: "rows.csv")
    let outcome = try predict(run, "--input", "rows.csv", "--text", "s", "--id", "n")
    #expect(outcome.status == 0, "\(outcome)")
    for remark in [
      "1 of 4 rows (25.0 %) are longer than 24 tokens and are cut", "1 of 4 rows (25.0 %) have an empty text",
      "1 of 4 rows have an empty n", "n \"7\" names several rows",
    ] {
      #expect(outcome.error.contains(remark), "\(outcome.error)")
    }
    #expect(outcome.output.contains("12345678901234567890"))
    let usual = try predict(run, "--input", "rows.csv", "--text", "s")
    #expect(!usual.error.contains("names several rows") && usual.error.contains("are cut"), "\(usual.error)")
    // A name may be as long as the file system allows.
    let name = String(repeating: "a", count: 251) + ".csv"
    let written = try predict(run, "--text", "x", "--output", name)
    #expect(written.status == 0 && (try? run.folder.read(name)) != nil, "\(written)")
  }

  @Test("refuses what it would misread, with one line that says what to give")
  func refusals() throws {
    let (run, _) = try trained()
    let cases: [(outcome: Shell.Outcome, status: Int32, says: String)] = [
      (try predict(run, input: "a\tb\n", "--input", "-"), 2, "give --format tsv"),
      (try predict(run, input: "{\"sentence\": \"x\"}\n", "--input", "-"), 2, "give --format jsonl"),
      (try predict(run, input: "", "--input", "-"), 2, "standard input: the file is empty"),
      (try predict(run), 64, "give a --text, or rows with --input"),
      (try predict(run, "--text", "a", "--text", "b", "--pair", "c"), 64, "give each --text its --pair: 2, not 1"),
      (try predict(run, "--input", "rows.tsv", "--format", "csv"), 64, "leave --format out"),
      (try predict(run, "--input", "rows.tsv", "--text", "a", "--text", "b"), 64, "they name columns"),
    ]
    for (outcome, status, says) in cases {
      #expect(outcome.status == status && outcome.output == "", "\(outcome)")
      #expect(outcome.error.contains(says), "\(outcome)")
    }
  }
}
