import Foundation
import Scores
import Testing

@Suite("Measures by their names")
struct MeasureListTests {
  @Test("a measure is found by scikit-learn's names too", arguments: [1, 2, 3, 5])
  func aliases(classes: Int) {
    let list = ClassMeasures.all(classes: classes)
    for (alias, name) in [
      ("mcc", "matthews"), ("accuracy_score", "accuracy"), ("qwk", "quadratic_kappa"),
      ("f1_score", classes == 2 ? "f1" : "f1_macro"),
    ] { #expect(list.named(alias)?.name == name) }
  }

  @Test("a measure with a number is found for every number that makes sense")
  func numbered() {
    let list = ClassMeasures.all(classes: 4)
    #expect(list.named("top_3_accuracy")?.name == "top_3_accuracy")
    for name in [
      "top_0_accuracy", "top_4_accuracy", "top_03_accuracy", "top_+3_accuracy", "top__accuracy", "top_-1_accuracy",
    ]
      + ["top_3_accuracy_", "top_99999999999999999999_accuracy", "top_K_accuracy", "top_٣_accuracy", "top_accuracy"]
    {
      #expect(list.named(name) == nil, "\(name)")
    }
    #expect(RankMeasures.all.named("recall@10")?.name == "recall@10")
    #expect(RankMeasures.all.named("recall_at_10")?.name == "recall@10")
    #expect(RankMeasures.all.named("recall@0") == nil)
  }

  @Test("a name that is not known has no measure, and the known names can be listed")
  func names() {
    let list = ClassMeasures.all(classes: 3)
    #expect(list.named("f2") == nil && list.named("") == nil)
    #expect(list.names.contains("top_K_accuracy") && list.names.contains("quadratic_kappa"))
    #expect(!list.names.contains("mcc") && !ClassMeasures.all(classes: 1).names.contains("top_K_accuracy"))
    #expect(RankMeasures.all.names == ["mrr", "recall@K"])
    for list in lists { #expect(Set(list.measures.map(\.name)).count == list.measures.count) }
    for list in lists {
      let words = list.measures.flatMap { [$0.name] + $0.aliases }
      #expect(Set(words).count == words.count, "a name finds two measures: \(words)")
    }
  }

  @Test("of losses and errors the smaller is better, of all else the larger")
  func direction() {
    let smaller: Set = [
      "log_loss", "brier_score", "ece", "hamming_loss", "coverage_error", "label_ranking_loss", "mse", "rmse", "mcrmse",
      "mae",
    ]
    for measure in lists.flatMap(\.measures) {
      #expect(measure.isLargerBetter == !smaller.contains(measure.name), "\(measure.name)")
    }
  }

  @Test("a measure of one's own is found first")
  func own() {
    let own = Measure(name: "accuracy", isLargerBetter: true) { Double($0.rows) }
    let rows = ScoredRows(width: 2, outputs: [1, 0, 0, 1], targets: [1, 1])
    #expect(ClassMeasures.all(classes: 2).adding([own]).value("accuracy", rows) == 2)
    #expect(ClassMeasures.all(classes: 2).adding([own]).value("top_1_accuracy", rows) == 0.5)
  }

  @Test("every measure is in the documentation")
  func documentation() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = root.appending(path: "Sources/Lockstep/Documentation.docc/Measures.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    for name in lists.flatMap(\.names) { #expect(text.contains("`\(name)`"), "\(name)") }
  }

  private var lists: [MeasureList] {
    [
      ClassMeasures.all(classes: 1), ClassMeasures.all(classes: 2), ClassMeasures.all(classes: 5),
      LabelSetMeasures.all(labels: 3), ValueMeasures.all(targets: 2), RankMeasures.all,
    ]
  }
}
