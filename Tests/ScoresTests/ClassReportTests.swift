import Scores
import Testing

/// Reports of given predictions next to scikit-learn's `classification_report`.
@Suite("Report by class")
struct ClassReportTests {
  private let names = ["a", "b", "c", "never", "垃圾"]

  private var single: ScoredRows {
    let predictions = [0, 1, 0, 1, 1, 2, 0, 2, 4, 2]
    return ScoredRows(
      width: 5, outputs: predictions.flatMap { prediction in (0..<5).map { $0 == prediction ? 1.0 : 0 } },
      targets: [0, 0, 0, 1, 1, 2, 2, 2, 2, 4])
  }

  private let sets = ScoredRows(
    width: 3, outputs: [0.9, 0.2, 0.4, 0.6, 0.1, 0.8, 0.3, 0.7, 0.2, 0.2, 0.2, 0.1, 0.5, 0.3, 0.9], targetWidth: 3,
    targets: [1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 1])

  private func check(_ rows: [ClassReport.Row], _ expected: [(String, Double, Double, Double, Int)]) {
    #expect(rows.map(\.name) == expected.map(\.0) && rows.map(\.support) == expected.map(\.4))
    for (row, expected) in zip(rows, expected) {
      #expect(agree(row.precision, expected.1) && agree(row.recall, expected.2) && agree(row.f1, expected.3), "\(row)")
    }
  }

  @Test("of classes has a row for each that occurs or is predicted, and the means of the measures")
  func ofClasses() {
    let report = ClassReport(classesOf: single, names: names)
    check(
      report.classes,
      [
        ("a", 2.0 / 3, 2.0 / 3, 2.0 / 3, 3), ("b", 2.0 / 3, 1, 0.8, 2), ("c", 2.0 / 3, 0.5, 0.5714285714285714, 4),
        ("垃圾", 0, 0, 0, 1),
      ])
    check(
      report.averages,
      [
        ("macro avg", 0.5, 0.5416666666666666, 0.5095238095238095, 10),
        ("weighted avg", 0.6, 0.6, 0.5885714285714286, 10),
      ]
    )
    #expect(report.accuracy == 0.6)
    let list = ClassMeasures.all(classes: 5)
    #expect(report.averages[0].f1 == list.value("f1", single))
    #expect(report.averages[1].precision == list.value("precision_weighted", single))
  }

  @Test("of label sets has a row for each label, and four means")
  func ofLabelSets() {
    let report = ClassReport(labelSetsOf: sets, names: ["x", "y", "z"])
    check(
      report.classes,
      [("x", 2.0 / 3, 2.0 / 3, 2.0 / 3, 3), ("y", 0, 0, 0, 0), ("z", 1, 2.0 / 3, 0.8, 3)])
    check(
      report.averages,
      [
        ("micro avg", 2.0 / 3, 2.0 / 3, 2.0 / 3, 6),
        ("macro avg", 0.5555555555555555, 0.4444444444444444, 0.48888888888888893, 6),
        ("weighted avg", 0.8333333333333334, 0.6666666666666666, 0.7333333333333334, 6),
        ("samples avg", 0.5, 0.5, 0.4666666666666666, 6),
      ])
    #expect(report.accuracy == nil)
    // With these thresholds nothing is wrong but the first label of two rows.
    #expect(ClassReport(labelSetsOf: sets, names: ["x", "y", "z"], thresholds: [0.5, 0.8, 0.4]).classes[2].f1 == 1)
  }

  @Test("is a table with the names at the end of its lines")
  func text() {
    #expect(
      ClassReport(classesOf: single, names: names).text == """
        precision     recall   f1-score    support
           0.6667     0.6667     0.6667          3  a
           0.6667     1.0000     0.8000          2  b
           0.6667     0.5000     0.5714          4  c
           0.0000     0.0000     0.0000          1  垃圾

                                 0.6000         10  accuracy
           0.5000     0.5417     0.5095         10  macro avg
           0.6000     0.6000     0.5886         10  weighted avg
        """)
    #expect(ClassReport(labelSetsOf: sets, names: ["x", "y", "z"]).text.contains("0.4667          6  samples avg"))
  }
}
