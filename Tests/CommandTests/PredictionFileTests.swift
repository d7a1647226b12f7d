import Foundation
import Testing

@Suite("Files of predictions")
struct PredictionFileTests {
  /// A trained model and rows with ids that are not numbers.
  private func trained() throws -> TinyRun {
    let run = try TinyRun()
    let outcome = try run.train("--set", "steps=4").run()
    try #require(outcome.status == 0, "\(outcome.error)")
    try run.folder.write("id,sentence\na1,\"fine, fine\"\n007,it bores\nb \"2\",good\n", to: "rows.csv")
    return run
  }

  private func lockstep(_ run: TinyRun, _ arguments: String...) throws -> Shell.Outcome {
    var command = Command(in: run.folder)
    command.arguments = arguments
    return try command.run()
  }

  private func predict(_ run: TinyRun, _ arguments: String...) throws -> Shell.Outcome {
    var command = Command("predict", "out/models/last", "--input", "rows.csv", "--id", "id", in: run.folder)
    command.arguments += arguments
    return try command.run()
  }

  @Test("are written in the format of their ending, with ids as given, and read alike")
  func formats() throws {
    let run = try trained()
    let lines = try predict(run).output
    for name in ["p.jsonl", "p.json", "p.csv", "p.tsv"] {
      let outcome = try predict(run, "--output", name)
      #expect(outcome.status == 0 && outcome.output == "", "\(outcome)")
    }
    #expect(try run.folder.read("p.jsonl") == lines && run.folder.read("p.json") == lines)
    let objects = try lines.split(separator: "\n").map { try object($0) }
    #expect(objects.map { $0["id"] as? String } == ["a1", "007", "b \"2\""])
    #expect(objects.allSatisfy { $0["classes"] as? [String] == ["LABEL_0", "LABEL_1"] })
    let table = try run.folder.read("p.csv").split(separator: "\n")
    #expect(
      table[0] == "id,label,LABEL_0,LABEL_1" && table[2].hasPrefix("007,LABEL_")
        && table[3].hasPrefix("\"b \"\"2\"\"\","))
    for (line, row) in zip(lines.split(separator: "\n"), table.dropFirst()) {
      let numbers = try #require(line.firstMatch(of: /"probabilities": \[([^\]]*)\]/)).1
      #expect(row.hasSuffix("," + numbers.replacing(", ", with: ",")))
    }
    let alone = try lockstep(run, "ensemble", "p.jsonl").output
    #expect(alone.split(separator: "\n").count == 3)
    for name in ["p.csv", "p.tsv"] { #expect(try lockstep(run, "ensemble", name).output == alone, "\(name)") }
    #expect(try lockstep(run, "ensemble", "p.csv", "p.tsv", "p.jsonl").status == 0)
    #expect(try lockstep(run, "ensemble", "p.csv", "p.tsv", "--vote", "--output", "both.csv").status == 0)
    #expect(try run.folder.read("both.csv").contains("007,LABEL_"))
  }

  @Test("of an unknown ending, or beside a template that does not fit, are refused before any work")
  func refusals() throws {
    let run = try trained()
    try run.folder.write("kept", to: "p.txt")
    try run.folder.write("id,a,b\na1,0,0\n", to: "sample.csv")
    let refused: [(outcome: Shell.Outcome, says: String)] = [
      (try lockstep(run, "predict", "nowhere", "--input", "rows.csv", "--output", "p.txt"), "p.txt"),
      (try lockstep(run, "ensemble", "nowhere.jsonl", "--output", "p.txt"), "p.txt"),
      (try lockstep(run, "predict", "nowhere", "--text", "x", "--template", "nowhere.csv"), "nowhere.csv"),
      (try predict(run, "--template", "sample.csv", "--output", "p.jsonl"), "name it .csv"),
      (try predict(run, "--template", "sample.csv"), "\"a\", \"b\", which is not a class"),
    ]
    for (outcome, says) in refused {
      #expect(outcome.status == 2 && outcome.output == "" && outcome.complaints.count == 1, "\(outcome)")
      #expect(outcome.error.contains(says), "\(outcome)")
    }
    #expect(try run.folder.read("p.txt") == "kept")
  }

  @Test("fill a competition's sample: its ids, order and columns")
  func template() throws {
    let run = try trained()
    try run.folder.write("Id,Sentiment\nb \"2\",0\na1,0\n007,0\n", to: "sample.csv")
    let outcome = try predict(run, "--template", "sample.csv", "--output", "submission.csv")
    #expect(outcome.status == 0, "\(outcome)")
    let labels = try predict(run).output.split(separator: "\n").map { try object($0)["label"] as? String ?? "" }
    let numbers = labels.map { $0.suffix(1) }
    let expected = "Id,Sentiment\n\"b \"\"2\"\"\",\(numbers[2])\na1,\(numbers[0])\n007,\(numbers[1])\n"
    #expect(try run.folder.read("submission.csv") == expected)
    #expect(try predict(run, "--output", "p.tsv").status == 0)
    let joined = try lockstep(run, "ensemble", "p.tsv", "p.tsv", "--template", "sample.csv")
    #expect(joined.output == expected, "\(joined)")
    let chosen = try predict(run, "--template", "sample.csv", "--positive", "1").output
    #expect(chosen.split(separator: "\n").dropFirst().allSatisfy { Double($0.split(separator: ",").last ?? "") != nil })
    try run.folder.write("Id,Sentiment\na1,0\n", to: "short.csv")
    let extra = try predict(run, "--template", "short.csv")
    #expect(extra.status == 2 && extra.error.contains("\"007\""), "\(extra)")
  }
}
