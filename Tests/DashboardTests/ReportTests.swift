import Dashboard
import Foundation
import Scores
import Testing

@Suite("A report")
struct ReportTests {
  @Test("has every section, and asks for nothing outside itself")
  func sections() throws {
    let folder = try Self.folder()
    let html = Report([try run(folder)]).html
    for heading in [
      "The run", "Curves", "Validation", "The best model on the validation rows", "Confusion matrix", "Calibration",
      "Ranks and events", "The recipe", "The machine", "Hashes",
    ] {
      #expect(html.contains(">\(heading)</h2>"), "\(heading)")
    }
    for fact in [
      "accuracy 0.7500 (step 40, ema weights)", "Good Processor 9", "0123abcd", "learning_rate: 5.0e-4", "state</th>",
      "expected calibration error <b>0.1250</b>", "40 of 40",
    ] {
      #expect(html.contains(fact), "\(fact)")
    }
    let policy = try #require(html.firstMatch(of: /Content-Security-Policy" content="([^"]*)"/)).1
    #expect(policy.hasPrefix("default-src 'none'; script-src 'sha256-") && !policy.contains("connect-src"))
    let text = html.replacingOccurrences(of: "http://www.w3.org/2000/svg", with: "")
    for outside in [" src=", "@import", "url(", "http://", "https://"] {
      #expect(!text.contains(outside), "\(outside)")
    }
  }

  @Test("shows the counts of the confusion matrix, and how many of each label they are")
  func matrix() throws {
    let folder = try Self.folder()
    let html = Report([try run(folder)]).html
    let cells = html.matches(of: /<td class="h(\d)">(\d+)<small>([0-9.]+) %<\/small><\/td>/)
    #expect(cells.map { "\($0.2) \($0.3) \($0.1)" } == ["3 75.0 3", "1 25.0 1", "1 25.0 1", "3 75.0 3"])
  }

  @Test("compares several runs: a column each, and the keys that their recipes differ in")
  func comparison() throws {
    let folders = try [Self.folder(), Self.folder()]
    let runs = [
      try run(folders[0], settings: ["seed": "1.0", "clip": "1.0"]),
      try run(folders[1], settings: ["seed": "2.0", "clip": "1.0"]),
    ]
    let html = Report(runs).html
    #expect(html.contains(">What differs between the recipes</h2>"))
    let start = try #require(html.range(of: "What differs")).upperBound
    let section = html[start..<(try #require(html.range(of: ">The recipes<")).lowerBound)]
    #expect(section.contains("seed</th>") && section.contains("1.0</td>") && section.contains("2.0</td>"))
    #expect(!section.contains("clip"))
    let data = try Self.data(html)
    #expect((data["runs"] as? [Any])?.count == 2)
  }

  @Test("holds hostile texts as texts")
  func hostile() throws {
    let folder = try Self.folder()
    let evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    try folder.append("{\"step\": 41, \"evaluation\": {\"weights\": \"\(evil)\", \"f1\": 0.5}}\n")
    try folder.append(
      "{\"event\": \"warning\", \"step\": 41, \"time\": 1.0, \"text\": \"\(evil)\"}\n", to: "history.jsonl")
    try folder.write("seed: \"\(evil)\"\n", to: "recipe.yaml")
    let confusion = ConfusionMatrix(classes: 2, counts: [1, 0, 0, 1])
    let validation = ReportedRun.Validation(
      model: evil, classes: [evil, "b"], loss: 1, confusion: confusion, calibration: Calibration())
    let html = Report([try run(folder, settings: ["seed": evil], validation: .success(validation))]).html
    #expect(!html.contains("<script>alert") && !html.contains("<img"))
    #expect(html.components(separatedBy: "</script>").count == 3)
    let scores = try #require(
      ((try Self.data(html)["runs"] as? [[String: Any]])?.first?["scores"] as? [[String: Any]])?.last)
    #expect(scores["weights"] as? String == evil)
  }

  @Test("names scores as metrics.jsonl does, with the class that f1, precision and recall of two are of")
  func scores() throws {
    let folder = try RunFolder()
    try folder.append(
      "{\"step\": 41, \"evaluation\": {\"weights\": \"raw\", \"positive\": \"spam\", \"f1\": 0.5, \"loss\": 1}}\n")
    func report(_ classes: [String], _ counts: [Int64], positive: PositiveClass? = nil) throws -> String {
      let validation = ReportedRun.Validation(
        model: "models/best", classes: classes, loss: 0.5,
        confusion: ConfusionMatrix(classes: classes.count, counts: counts), calibration: Calibration(),
        positive: positive)
      return Report([try run(folder, validation: .success(validation))]).html
    }
    let counts: [Int64] = [6, 2, 1, 1]
    let second = try report(["ham", "spam"], counts)
    #expect(second.contains("f1 of spam <b>0.4000</b>") && second.contains("precision of spam <b>0.3333</b>"))
    let first = try report(["ham", "spam"], counts, positive: PositiveClass("ham", among: ["ham", "spam"]))
    #expect(first.contains("f1 of ham <b>0.8000</b>") && first.contains("recall of ham <b>0.7500</b>"))
    let three = try report(["a", "b", "c"], [1, 0, 0, 0, 1, 0, 0, 0, 1])
    #expect(three.contains("f1_macro <b>1.0000</b>") && !three.contains("f1 of"))
    let drawn = try #require((try Self.data(second)["runs"] as? [[String: Any]])?.first?["scores"] as? [[String: Any]])
    let named = drawn.filter { $0["positive"] as? String == "spam" }.map { $0["metric"] as? String }
    #expect(named == ["f1"])
  }

  @Test("says why there is no confusion matrix, and stands without any file but the metrics")
  func gaps() throws {
    let folder = try RunFolder()
    try folder.append(RunFolder.line(step: 1))
    let absent = ReportedRun.Absence(reason: "dev.tsv is not there")
    let html = Report([try run(folder, validation: .failure(absent))]).html
    #expect(html.contains("not evaluated, because dev.tsv is not there"))
    #expect(html.contains("There is no recipe.yaml in"))
  }

  /// A finished run's folder.
  private static func folder() throws -> RunFolder {
    let folder = try RunFolder()
    try folder.append(
      (1...40).map { RunFolder.line(step: $0) }.joined() + RunFolder.evaluation(step: 40, accuracy: 0.7))
    try folder.append(RunFolder.evaluation(step: 40, weights: "ema", accuracy: 0.75))
    try folder.write("seed: 1\noptimizer:\n  learning_rate: 5.0e-4\n", to: "recipe.yaml")
    try folder.write(
      """
      {"steps": 40, "seconds": 3.5, "ranks": 2, "restarts": 0, "resumed_from": null,
       "best": {"metric": "accuracy", "value": 0.75, "step": 40, "weights": "ema"}, "weights_sha256": "0123abcd",
       "reduction": "ring", "threads": 1, "machine": {"processor": "Good Processor 9", "features": ["avx2", "fma"]}}
      """, to: "summary.json")
    return folder
  }

  private func run(
    _ folder: RunFolder, settings: [String: String] = [:],
    validation: Result<ReportedRun.Validation, ReportedRun.Absence>? = nil
  ) throws -> ReportedRun {
    var calibration = Calibration(bins: 4)
    for isCorrect in [true, true, true, false] { calibration.add(confidence: 0.875, isCorrect: isCorrect) }
    let usual = ReportedRun.Validation(
      model: "models/best", classes: ["0", "1"], loss: 0.5,
      confusion: ConfusionMatrix(classes: 2, counts: [3, 1, 1, 3]), calibration: calibration)
    return ReportedRun(folder.directory, settings: settings, validation: validation ?? .success(usual))
  }

  private static func data(_ html: String) throws -> [String: Any] {
    let found = try #require(html.firstMatch(of: /<script type="application\/json" id="data">([^<]*)<\/script>/))
    return try object(String(found.1))
  }
}
