import Foundation
import Scores

/// What the best models of runs do on their validation rows.
struct ValidationParts {
  let runs: [ReportedRun]

  /// Beyond these a matrix is no longer read; the worst confusions are.
  private static let mostClasses = 20
  private static let mostListed = 60
  private static let mostDots = 800

  var blocks: [ReportPart.Block] {
    let absences = runs.compactMap { run -> ReportPart.Block? in
      guard case .failure(let absence)? = run.validation else { return nil }
      return .text("\(run.name): not evaluated, because \(absence.reason)")
    }
    let measured = runs.filter { $0.figures != nil }
    guard !measured.isEmpty else { return absences }
    return absences + summary(measured) + curves(measured) + measured.flatMap(details)
  }

  /// The metrics of all runs, and the classes of each; of one run next to each other.
  private func summary(_ runs: [ReportedRun]) -> [ReportPart.Block] {
    let (columns, rows) = figures(runs)
    let metrics = Markup.scroll("card", .element("h3", "", .text("Metrics")), .bareTable(columns: columns, rows: rows))
    let reports = runs.compactMap { run in
      (run.figures?.classes).map { classes($0, runs.count > 1 ? "\(run.name): " : "") }
    }
    let markup = Markup.element(
      "div", runs.count == 1 && !reports.isEmpty ? "grid" : "", .join([metrics] + reports.map(\.markup)))
    return [.both(markup, markdown: [.table(columns: columns, rows: rows)] + reports.flatMap(\.markdown))]
  }

  /// One table for all runs, under the names of metrics.jsonl.
  private func figures(_ runs: [ReportedRun]) -> (columns: [String], rows: [(name: String, values: [String])]) {
    func row(_ name: String, _ value: (ReportedRun.Validation) -> String?) -> (name: String, values: [String]) {
      (name, runs.map { $0.figures.flatMap(value) ?? "" })
    }
    var names: [String] = []
    for metric in runs.flatMap({ $0.figures?.metrics ?? [] }) where !names.contains(metric.name) {
      names.append(metric.name)
    }
    let metrics = names.map { name in
      let positive =
        PositiveClass.isMeasured(by: name) ? runs.lazy.compactMap { $0.figures?.positive?.name }.first : nil
      return row(name + (positive.map { " of \($0)" } ?? "")) { figures in
        figures.metrics.first { $0.name == name }.map { Markup.four($0.value) }
      }
    }
    let head = [row("model") { $0.model }, row("rows") { "\($0.rows)" }, row("loss") { Markup.four($0.loss) }]
    let errors = [
      row("expected calibration error") { $0.calibration.map { Markup.four($0.expectedError) } },
      row("largest calibration error") { $0.calibration.map { Markup.four($0.largestError) } },
    ]
    return (runs.map(\.name), head + metrics + errors)
  }

  /// ROC and precision over recall, the runs in one diagram.
  private func curves(_ runs: [ReportedRun]) -> [ReportPart.Block] {
    let curves = runs.flatMap { run in
      (run.figures.map(OperatingCurve.all) ?? []).map { curve in
        (name: runs.count > 1 ? "\(run.name), \(curve.name)" : curve.name, curve: curve)
      }
    }
    .prefix(16)
    guard !curves.isEmpty else { return [] }
    var roc = Plot(x: .share("false positive rate"), y: .share("true positive rate"))
    var precision = Plot(x: .share("recall"), y: .share("precision"))
    roc.addRule(from: (0, 0), to: (1, 1))
    for (index, (_, curve)) in curves.enumerated() {
      roc.addLine(curve.roc, color: index)
      precision.addLine(curve.precision, color: index)
    }
    func card(_ title: String, _ plot: Plot, _ value: (OperatingCurve) -> Double) -> Markup {
      let keys = curves.enumerated().map { index, item in
        Markup.element(
          "span", "key", .element("i", "f\(index % 8)"), .text(item.name),
          .element("b", "", .text(String(format: "%.3f", value(item.curve)))))
      }
      return .element(
        "div", "card", .element("div", "head", .element("h3", "", .text(title))), plot.markup(label: title),
        .element("div", "keys", .join(keys)))
    }
    let markup = Markup.element(
      "div", "grid", card("ROC curve, area under it", roc, \.area),
      card("Precision over recall, average precision", precision, \.averagePrecision))
    let rows = curves.map { name, curve in
      (name: name, values: [Markup.four(curve.area), Markup.four(curve.averagePrecision)])
    }
    return [.both(markup, markdown: [.table(columns: ["area under ROC", "average precision"], rows: Array(rows))])]
  }

  private func details(_ run: ReportedRun) -> [ReportPart.Block] {
    guard let figures = run.figures else { return [] }
    let prefix = runs.count > 1 ? "\(run.name): " : ""
    var blocks: [ReportPart.Block] = []
    let diagrams = [matrix(figures, prefix), diagram(figures, prefix)].compactMap(\.self) + scatter(figures, prefix)
    if !diagrams.isEmpty { blocks.append(.figure(.element("div", "grid", .join(diagrams)))) }
    return blocks + mistakes(figures, prefix)
  }

  private func classes(_ report: ClassReport, _ prefix: String) -> (markup: Markup, markdown: [ReportPart.Block]) {
    func row(_ row: ClassReport.Row) -> (name: String, values: [String]) {
      (row.name, [row.precision, row.recall, row.f1].map(Markup.four) + ["\(row.support)"])
    }
    let columns = ["precision", "recall", "F1", "rows"]
    let shown = report.classes.sorted { $0.support > $1.support }.prefix(Self.mostListed)
    let rest = report.classes.count - shown.count
    let rows = shown.map(row) + report.averages.map(row)
    let title = prefix + (rest > 0 ? "Classes, the \(shown.count) largest of \(report.classes.count)" : "Classes")
    let markup = Markup.scroll("card", .element("h3", "", .text(title)), .bareTable(columns: columns, rows: rows))
    return (markup, [.text(title), .table(columns: columns, rows: rows)])
  }

  private func matrix(_ figures: ReportedRun.Validation, _ prefix: String) -> Markup? {
    guard case .classes(let classes) = figures.form, let confusion = figures.confusion else { return nil }
    guard classes.count <= Self.mostClasses else { return largestConfusions(classes, confusion, prefix) }
    let head = [Markup.element("th", "", .text("label ↓ predicted →"))] + classes.map { .element("th", "", .text($0)) }
    let rows = classes.indices.map { label in
      let support = classes.indices.reduce(0) { $0 + confusion.count(label: label, prediction: $1) }
      let cells = classes.indices.map { prediction in
        let count = confusion.count(label: label, prediction: prediction)
        let share = support == 0 ? 0 : Double(count) / Double(support)
        return Markup.element(
          "td", "h\(Int((share * 4).rounded(.up)))", .text("\(count)"),
          .element("small", "", .text(String(format: "%.1f %%", share * 100))))
      }
      return Markup.element("tr", "", .element("th", "", .text(classes[label])), .join(cells))
    }
    return .element(
      "div", "card", .element("div", "head", .element("h3", "", .text(prefix + "Confusion matrix"))),
      .scroll("", .element("table", "matrix", .element("tr", "", .join(head)), .join(rows))))
  }

  private func largestConfusions(_ classes: [String], _ confusion: ConfusionMatrix, _ prefix: String) -> Markup {
    let pairs = classes.indices.flatMap { label in classes.indices.map { (label, $0) } }
      .filter { $0.0 != $0.1 && confusion.count(label: $0.0, prediction: $0.1) > 0 }
      .sorted { confusion.count(label: $0.0, prediction: $0.1) > confusion.count(label: $1.0, prediction: $1.1) }
    let rows = pairs.prefix(Self.mostClasses).map { label, prediction in
      (
        name: "\(classes[label]) as \(classes[prediction])",
        values: ["\(confusion.count(label: label, prediction: prediction))"]
      )
    }
    return .element(
      "div", "card", .element("h3", "", .text(prefix + "Confusion matrix: the largest of it")),
      .bareTable(columns: ["rows"], rows: rows))
  }

  /// Confidence to the right, accuracy upwards: on the diagonal a model is right as often as it is sure.
  private func diagram(_ figures: ReportedRun.Validation, _ prefix: String) -> Markup? {
    guard let bins = figures.calibration?.bins else { return nil }
    let largest = Double(max(1, bins.map(\.count).max() ?? 1))
    var plot = Plot(x: .share("confidence"), y: .share("accuracy"))
    for (index, bin) in bins.enumerated() where bin.count > 0 {
      plot.addBar(
        Double(index) / Double(bins.count)...Double(index + 1) / Double(bins.count), height: bin.accuracy,
        dot: bin.confidence, opacity: 0.35 + 0.65 * Double(bin.count) / largest,
        words: String(format: "%d rows: confidence %.3f, accuracy %.3f", bin.count, bin.confidence, bin.accuracy))
    }
    plot.addRule(from: (0, 0), to: (1, 1))
    return .element(
      "div", "card", .element("div", "head", .element("h3", "", .text(prefix + "Calibration"))),
      plot.markup(label: "Reliability diagram: accuracy over confidence"))
  }

  /// Predictions over the values that are right.
  private func scatter(_ figures: ReportedRun.Validation, _ prefix: String) -> [Markup] {
    guard case .values(let names) = figures.form else { return [] }
    let rows = figures.scored
    return names.prefix(4).enumerated().compactMap { index, name in
      let all = (0..<rows.rows).map { row in
        (x: rows.targets[row * rows.targetWidth + index], y: rows.outputs[row * rows.width + index])
      }
      .filter { $0.x.isFinite && $0.y.isFinite }
      guard let low = all.map({ min($0.x, $0.y) }).min(), let high = all.map({ max($0.x, $0.y) }).max(), low < high
      else { return nil }
      let stride = max(1, (all.count + Self.mostDots - 1) / Self.mostDots)
      let shown = all.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
      let range = low - 0.03 * (high - low)...high + 0.03 * (high - low)
      var plot = Plot(x: .init(title: "value", range: range), y: .init(title: "prediction", range: range))
      plot.addRule(from: (range.lowerBound, range.lowerBound), to: (range.upperBound, range.upperBound))
      plot.addDots(shown, color: 0, opacity: 0.55)
      let count = stride > 1 ? "\(shown.count) of \(all.count) rows" : "\(all.count) rows"
      let title = prefix + "Predictions over values" + (names.count > 1 ? ": \(name)" : "")
      return .element(
        "div", "card",
        .element("div", "head", .element("h3", "", .text(title)), .element("span", "key", .text(count))),
        plot.markup(label: "Scatter of predictions over values"))
    }
  }

  private func mistakes(_ figures: ReportedRun.Validation, _ prefix: String) -> [ReportPart.Block] {
    let found = Mistake.worst(of: figures)
    guard !found.isEmpty else { return [] }
    let (title, measure) =
      if case .values = figures.form { ("Largest errors", "off by") } else {
        ("Most confident mistakes", "confidence")
      }
    let columns = ["is", "predicted", measure] + (found.contains { !$0.text.isEmpty } ? ["text"] : [])
    let rows = found.map { mistake in
      let values = [mistake.truth, mistake.prediction, String(format: "%.3f", mistake.measure), mistake.text]
      return (name: "row \(mistake.id)", values: Array(values.prefix(columns.count)))
    }
    let markup = Markup.scroll(
      "card", .element("h3", "", .text(prefix + title)), .bareTable(columns: columns, rows: rows, className: "texts"))
    return [.both(markup, markdown: [.text(prefix + title), .table(columns: columns, rows: rows)])]
  }
}
