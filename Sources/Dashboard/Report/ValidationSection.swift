import Foundation
import Scores

/// The confusion matrix and the calibration of a run's best model, as HTML.
struct ValidationSection {
  let run: ReportedRun

  var markup: Markup {
    switch run.validation {
    case nil: .join([])
    case .failure(let absence):
      .element("p", "card", .text("\(run.name): not evaluated, because \(absence.reason)"))
    case .success(let validation): .join([figures(validation), matrix(validation), diagram(validation)])
    }
  }

  private func figures(_ validation: ReportedRun.Validation) -> Markup {
    let (confusion, calibration) = (validation.confusion, validation.calibration)
    let values: [(String, String)] =
      [
        ("rows", "\(confusion.total)"), ("loss", Markup.four(validation.loss)),
        ("accuracy", Markup.four(confusion.accuracy)),
      ] + ofOneClass(validation) + [
        ("f1_macro", Markup.four(confusion.f1(.macro))), ("matthews", Markup.four(confusion.matthews)),
        ("expected calibration error", Markup.four(calibration.expectedError)),
        ("largest", Markup.four(calibration.largestError)),
      ]
    let facts = values.map { Markup.element("span", "", .text($0.0 + " "), .element("b", "", .text($0.1))) }
    return .element(
      "div", "card wide", .element("h2", "", .text("\(run.name): \(validation.model)")),
      .element("p", "facts", .join(facts)))
  }

  /// Of two classes the scores of the positive one, under the names of metrics.jsonl.
  private func ofOneClass(_ validation: ReportedRun.Validation) -> [(String, String)] {
    guard let positive = validation.positive else { return [] }
    let (confusion, average) = (validation.confusion, ClassAverage.positive(positive.index))
    return [
      ("f1", confusion.f1(average)), ("precision", confusion.precision(average)), ("recall", confusion.recall(average)),
    ]
    .map { ("\($0) of \(positive.name)", Markup.four($1)) }
  }

  private func matrix(_ validation: ReportedRun.Validation) -> Markup {
    let (confusion, classes) = (validation.confusion, validation.classes)
    guard classes.count <= Self.mostClasses else { return largestConfusions(validation) }
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
      "div", "card", .element("div", "head", .element("h2", "", .text("Confusion matrix"))),
      .element("div", "scroll", .element("table", "matrix", .element("tr", "", .join(head)), .join(rows))))
  }

  /// Beyond these a matrix is no longer read; the worst confusions are.
  private static let mostClasses = 20

  private func largestConfusions(_ validation: ReportedRun.Validation) -> Markup {
    let (confusion, classes) = (validation.confusion, validation.classes)
    let pairs = classes.indices.flatMap { label in classes.indices.map { (label, $0) } }
      .filter { $0.0 != $0.1 && confusion.count(label: $0.0, prediction: $0.1) > 0 }
      .sorted { confusion.count(label: $0.0, prediction: $0.1) > confusion.count(label: $1.0, prediction: $1.1) }
    let rows = pairs.prefix(Self.mostClasses).map { label, prediction in
      (
        name: "\(classes[label]) as \(classes[prediction])",
        values: ["\(confusion.count(label: label, prediction: prediction))"]
      )
    }
    return .join([
      .element("h2", "", .text("Confusion matrix: the largest of it")), .table(columns: ["rows"], rows: rows),
    ])
  }

  /// Confidence to the right, accuracy upwards: on the diagonal a model is right as often as it is sure.
  private func diagram(_ validation: ReportedRun.Validation) -> Markup {
    let bins = validation.calibration.bins
    let largest = Double(bins.map(\.count).max() ?? 1)
    let bars = bins.enumerated().filter { $0.element.count > 0 }.map { index, bin in
      let (left, width) = (40 + 300 * Double(index) / Double(bins.count), 300 / Double(bins.count) - 2)
      let height = 200 * bin.accuracy
      let words = String(
        format: "%d rows: confidence %.3f, accuracy %.3f", bin.count, bin.confidence, bin.accuracy)
      return """
        <g><title>\(words.escapedForHTML)</title>\
        <rect class="f0" x="\(Self.one(left))" y="\(Self.one(210 - height))" width="\(Self.one(width))" \
        height="\(Self.one(height))" opacity="\(Self.one(0.35 + 0.65 * Double(bin.count) / largest))"/>\
        <circle class="f1" cx="\(Self.one(40 + 300 * bin.confidence))" cy="\(Self.one(210 - height))" r="3"/></g>
        """
    }
    let ticks = [0.0, 0.25, 0.5, 0.75, 1].map { value in
      let (x, y) = (Self.one(40 + 300 * value), Self.one(210 - 200 * value))
      return """
        <line class="rule" x1="40" x2="340" y1="\(y)" y2="\(y)"/>\
        <text x="34" y="\(y)" dy="4" text-anchor="end">\(value)</text>\
        <text x="\(x)" y="226" text-anchor="middle">\(value)</text>
        """
    }
    let label = "Reliability diagram: accuracy over confidence"
    return Markup.element(
      "div", "card",
      .element(
        "div", "head", .element("h2", "", .text("Calibration")),
        .element("span", "key", .text("accuracy (up) of predictions by their confidence (right)"))),
      Markup(
        html: """
          <svg class="diagram chart" viewBox="0 0 360 240" role="img" aria-label="\(label)">\
          \(ticks.joined())\(bars.joined())<line class="mark" x1="40" y1="210" x2="340" y2="10"/></svg>
          """))
  }

  private static func one(_ value: Double) -> String { String(format: "%.2f", value) }
}
