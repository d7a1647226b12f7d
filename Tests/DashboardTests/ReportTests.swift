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
      #expect(html.contains(">\(heading)</h2>") || html.contains(">\(heading)</h3>"), "\(heading)")
    }
    for fact in [
      "accuracy 0.7500 (step 40, ema weights)", "Good Processor 9", "0123abcd", "learning_rate: 5.0e-4", "state</th>",
      "expected calibration error</th><td class=\"hash\">0.1250</td>", "40 of 40",
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
    let section = html[start..<(try #require(html.range(of: ">The recipe of the first run<")).lowerBound)]
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
    let scored = ScoredRows(width: 2, outputs: [0.9, 0.1, 0.2, 0.8], targets: [1, 0])
    let validation = ReportedRun.Validation(
      model: evil, form: .classes([evil, "b"]), loss: 1, metrics: [(evil, 1)], scored: scored,
      confusion: ConfusionMatrix(classes: 2, counts: [1, 0, 0, 1]), calibration: Calibration(),
      texts: [.init(id: evil, text: evil), .init(id: "1", text: evil)])
    let report = Report([try run(folder, settings: ["seed": evil], validation: .success(validation))])
    let html = report.html
    #expect(!report.markdown.components(separatedBy: "```")[0].contains("<script>"))
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
    func report(_ classes: [String], _ metric: String, positive: PositiveClass? = nil) throws -> String {
      let outputs = classes.indices.map { $0 == 0 ? 1.0 : 0 }
      let validation = ReportedRun.Validation(
        model: "models/best", form: .classes(classes), loss: 0.5, metrics: [(metric, 0.4)],
        scored: ScoredRows(width: classes.count, outputs: outputs, targets: [0]), positive: positive)
      return Report([try run(folder, validation: .success(validation))]).html
    }
    let second = try report(["ham", "spam"], "f1")
    #expect(second.contains("f1 of spam</th><td class=\"hash\">0.4000</td>"))
    let first = try report(["ham", "spam"], "recall", positive: PositiveClass("ham", among: ["ham", "spam"]))
    #expect(first.contains("recall of ham</th>"))
    let three = try report(["a", "b", "c"], "f1_macro")
    #expect(three.contains("f1_macro</th>") && !three.contains("f1_macro of"))
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

  @Test("has the area under the ROC curve that counting pairs gives, and the rows that are wrong, the surest first")
  func curvesAndMistakes() throws {
    let folder = try Self.folder()
    let (scores, targets) = ([0.9, 0.8, 0.8, 0.6, 0.3, 0.1], [1.0, 0, 1, 0, 1, 0])
    let scored = ScoredRows(width: 2, outputs: scores.flatMap { [1 - $0, $0] }, targets: targets)
    let texts = scores.indices.map { ReportedRun.RowText(id: "\($0)", text: "text \($0)") }
    let validation = ReportedRun.Validation(
      model: "models/best", form: .classes(["no", "yes"]), loss: 0.5, metrics: [], scored: scored, texts: texts)
    let report = try object(Report([try run(folder, validation: .success(validation))]).json)
    let figures = try #require((report["runs"] as? [[String: Any]])?.first?["validation"] as? [String: Any])
    let curve = try #require((figures["curves"] as? [[String: Any]])?.first)
    let pairs = scores.indices.flatMap { one in scores.indices.map { (one, $0) } }.filter {
      targets[$0.0] > targets[$0.1]
    }
    let won = pairs.reduce(0.0) { $0 + (scores[$1.0] > scores[$1.1] ? 1 : scores[$1.0] == scores[$1.1] ? 0.5 : 0) }
    #expect(abs((curve["roc_auc"] as? Double ?? 0) - won / Double(pairs.count)) < 1e-12)
    let mistakes = try #require(figures["mistakes"] as? [[String: Any]])
    #expect(mistakes.compactMap { $0["row"] as? String } == ["1", "4", "3"])
    #expect(mistakes.first?["text"] as? String == "text 1" && mistakes.first?["predicted"] as? String == "yes")
  }

  @Test("shows a regression's largest errors, and the entities of a text that are missed")
  func otherForms() throws {
    let folder = try Self.folder()
    let values = ReportedRun.Validation(
      model: "models/best", form: .values(["score"]), loss: 1, metrics: [("pearson", 0.5)],
      scored: ScoredRows(width: 1, outputs: [1, 2, 3], targets: [1, 4, 3.5]),
      texts: ["a", "b", "c"].map { .init(id: $0, text: $0) })
    let html = Report([try run(folder, validation: .success(values))]).html
    #expect(html.contains("Predictions over values") && html.contains("Largest errors") && html.contains("row b</th>"))
    let outputs: [[Double]] = [[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]]
    let words = ReportedRun.Validation(
      model: "models/best", form: .words(["O", "B-person"]), loss: 1, metrics: [],
      scored: ScoredRows(width: 2, outputs: outputs.flatMap { $0 }, targets: [0, 0, 1], groups: [0, 2, 3]),
      texts: [.init(id: "0", text: "of Rome", words: ["of", "Rome"]), .init(id: "1", text: "Ann", words: ["Ann"])])
    let text = Report([try run(folder, validation: .success(words))]).markdown
    #expect(text.contains("| row 0 | none | person: Rome | 0.800 | of Rome |"))
    #expect(text.contains("| row 1 | person: Ann | none | 0.700 | Ann |"))
  }

  @Test("stays below 300 kB however many runs and steps it is of, and is Markdown and JSON, too")
  func sizeAndForms() throws {
    let folder = try Self.folder()
    let terms = (0..<30).map { "\"term\($0)\": 0.12345678\($0)" }.joined(separator: ", ")
    try folder.append(
      (41...2000).map { step in
        RunFolder.line(step: step, loss: 1 / Double(step))
          .replacingOccurrences(of: "\"seconds\"", with: "\"terms\": {\(terms)}, \"seconds\"")
      }.joined())
    let runs = try (0..<4).map { _ in try run(folder) }
    #expect(Report(runs).html.utf8.count < 300_000)
    let markdown = Report(runs).markdown
    #expect(markdown.hasPrefix("# 4 runs: ") && markdown.contains("## Hashes") && markdown.contains("| state |"))
    let whole = try object(Report(runs).json)
    #expect((whole["runs"] as? [Any])?.count == 4 && whole["written"] != nil)
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
    let scored = ScoredRows(
      width: 2, outputs: [0.9, 0.1, 0.8, 0.2, 0.7, 0.3, 0.4, 0.6, 0.2, 0.8, 0.3, 0.7, 0.1, 0.9, 0.6, 0.4],
      targets: [0, 0, 0, 0, 1, 1, 1, 1])
    let usual = ReportedRun.Validation(
      model: "models/best", form: .classes(["0", "1"]), loss: 0.5, metrics: [("accuracy", 0.75)], scored: scored,
      classes: ClassReport(classesOf: scored, names: ["0", "1"]),
      confusion: ConfusionMatrix(classes: 2, counts: [3, 1, 1, 3]), calibration: calibration)
    return ReportedRun(folder.directory, settings: settings, validation: validation ?? .success(usual))
  }

  private static func data(_ html: String) throws -> [String: Any] {
    let found = try #require(html.firstMatch(of: /<script type="application\/json" id="data">([^<]*)<\/script>/))
    return try object(String(found.1))
  }
}
