import Scores
import Testing

/// Measures against twins that follow the definition, pair by pair.
@Suite("Measures and their naive twins")
struct MeasureTwinTests {
  @Test(
    "the area under the ROC curve is the share of pairs that are in order", arguments: 1...12 as ClosedRange<UInt64>)
  func area(seed: UInt64) {
    var random = RandomRows(seed: seed)
    let rows = random.labelSets(rows: 40, labels: 1, levels: seed.isMultiple(of: 2) ? 4 : 1000)
    var (won, pairs) = (0.0, 0.0)
    for (score, target) in zip(rows.outputs, rows.targets) where target == 1 {
      for (other, otherTarget) in zip(rows.outputs, rows.targets) where otherTarget == 0 {
        pairs += 1
        won += score > other ? 1 : score == other ? 0.5 : 0
      }
    }
    #expect(agree(LabelSetMeasures.all(labels: 1).value("roc_auc", rows), won / pairs))
    let binary = ScoredRows(width: 2, outputs: rows.outputs.flatMap { [1 - $0, $0] }, targets: rows.targets)
    #expect(agree(ClassMeasures.all(classes: 2).value("roc_auc", binary), won / pairs))
  }

  @Test("average precision adds precision times recall at every threshold", arguments: 1...12 as ClosedRange<UInt64>)
  func averagePrecision(seed: UInt64) {
    var random = RandomRows(seed: seed)
    let rows = random.labelSets(rows: 40, labels: 1, levels: seed.isMultiple(of: 2) ? 5 : 1000)
    let positives = rows.targets.reduce(0, +)
    var (sum, recall) = (0.0, 0.0)
    for threshold in Set(rows.outputs).sorted(by: >) {
      let taken = zip(rows.outputs, rows.targets).filter { $0.0 >= threshold }.map(\.1)
      let hits = taken.reduce(0, +)
      sum += (hits / positives - recall) * hits / Double(taken.count)
      recall = hits / positives
    }
    #expect(agree(LabelSetMeasures.all(labels: 1).value("average_precision", rows), sum))
  }

  @Test("Kendall's tau-b counts pairs", arguments: 1...16 as ClosedRange<UInt64>)
  func kendall(seed: UInt64) {
    var random = RandomRows(seed: seed)
    let count = 2 + Int(seed) * 3
    let levels = seed.isMultiple(of: 2) ? 3 : 1000
    let (x, y) = (random.series(count, levels: levels), random.series(count, levels: levels + 1))
    var (difference, first, second) = (0.0, 0.0, 0.0)
    for i in x.indices {
      for j in 0..<i {
        let (a, b) = (x[i] - x[j], y[i] - y[j])
        difference += a * b > 0 ? 1 : a * b < 0 ? -1 : 0
        first += a == 0 ? 0 : 1
        second += b == 0 ? 0 : 1
      }
    }
    let rows = ScoredRows(width: 1, outputs: y, targets: x)
    #expect(agree(ValueMeasures.all().value("kendall", rows), difference / (first * second).squareRoot()))
  }

  @Test("Spearman's correlation is that of ranks counted by hand", arguments: 1...8 as ClosedRange<UInt64>)
  func spearman(seed: UInt64) {
    var random = RandomRows(seed: seed)
    let (x, y) = (random.series(30, levels: 6), random.series(30, levels: 7))
    func ranks(_ values: [Double]) -> [Double] {
      values.map { own in
        1 + Double(values.count { $0 < own }) + Double(values.count { $0 == own } - 1) / 2
      }
    }
    let list = ValueMeasures.all()
    let ranked = ScoredRows(width: 1, outputs: ranks(y), targets: ranks(x))
    #expect(
      agree(list.value("spearman", ScoredRows(width: 1, outputs: y, targets: x)), list.value("pearson", ranked)))
  }

  @Test("the quadratic kappa of values is that of the table of their counts", arguments: 1...8 as ClosedRange<UInt64>)
  func quadraticKappa(seed: UInt64) {
    var random = RandomRows(seed: seed)
    let labels = (0..<50).map { _ in Double(random.whole(below: 6)) }
    let predictions = labels.map { min(5, max(0, $0 + Double(random.whole(below: 3)) - 1)) }
    let outputs = predictions.flatMap { prediction in (0..<6).map { $0 == Int(prediction) ? 1.0 : 0 } }
    let ofClasses = ClassMeasures.all(classes: 6).value(
      "quadratic_kappa", ScoredRows(width: 6, outputs: outputs, targets: labels))
    let jitter = predictions.map { $0 + 0.8 * random.unit() - 0.4 }
    let values = ValueMeasures.all().value("qwk", ScoredRows(width: 1, outputs: jitter, targets: labels))
    #expect(agree(values, ofClasses))
  }

  @Test("the calibration error is the gap of each of 15 bins, weighted", arguments: 1...4 as ClosedRange<UInt64>)
  func calibration(seed: UInt64) {
    var random = RandomRows(seed: seed)
    let rows = random.classes(rows: 200, classes: 3, levels: 50)
    var error = 0.0
    for bin in 0..<15 {
      var (confidence, right) = (0.0, 0.0)
      for row in 0..<rows.rows {
        let outputs = Array(rows.outputs(of: row))
        let largest = outputs.max()!
        guard largest * 15 > Double(bin), largest * 15 <= Double(bin + 1) else { continue }
        confidence += largest
        right += Double(outputs.firstIndex(of: largest)!) == rows.targets[row] ? 1 : 0
      }
      error += abs(confidence - right) / Double(rows.rows)
    }
    #expect(agree(ClassMeasures.all(classes: 3).value("ece", rows), error))
  }

  @Test("one right candidate of many has the ranking precision of one label of many")
  func reciprocalRank() {
    var random = RandomRows(seed: 3)
    let candidates = random.classes(rows: 60, classes: 7, levels: 4)
    let oneHot = candidates.targets.flatMap { target in (0..<7).map { Double($0) == target ? 1.0 : 0 } }
    let sets = ScoredRows(width: 7, outputs: candidates.outputs, targetWidth: 7, targets: oneHot)
    #expect(
      agree(RankMeasures.all.value("mrr", candidates), LabelSetMeasures.all(labels: 7).value("lrap", sets)))
    #expect(RankMeasures.all.value("recall@7", candidates) == 1)
  }

  @Test("with the first of two classes as the positive one, values are those of the classes exchanged")
  func positiveClass() {
    var random = RandomRows(seed: 5)
    let rows = random.classes(rows: 60, classes: 2, levels: 1000)
    let exchanged = ScoredRows(
      width: 2, outputs: (0..<60).flatMap { rows.outputs(of: $0).reversed() }, targets: rows.targets.map { 1 - $0 })
    let (first, second) = (ClassMeasures.all(classes: 2, positive: 0), ClassMeasures.all(classes: 2))
    for name in ["f1", "precision", "recall", "roc_auc", "average_precision", "brier_score"] {
      #expect(agree(first.value(name, rows), second.value(name, exchanged)), "\(name)")
      #expect(first.named(name)?.isOfPositiveClass == true)
    }
  }

  @Test("300,000 rows take seconds, not the square of their number", .timeLimit(.minutes(2)))
  func large() {
    var random = RandomRows(seed: 8)
    let outputs = random.series(300_000, levels: 1 << 40)
    let targets = outputs.map { $0 + random.unit() > 1 ? 1.0 : 0 }
    // Of independent numbers u and v the target is u + v > 1: the area is 5/6.
    let area = LabelSetMeasures.all(labels: 1).value(
      "roc_auc", ScoredRows(width: 1, outputs: outputs, targets: targets))
    #expect(abs(area - 5 / 6) < 0.005)
    let noisy = outputs.map { $0 + random.unit() }
    let tau = ValueMeasures.all().value("kendall", ScoredRows(width: 1, outputs: noisy, targets: outputs))
    // Of u and u + v: tau is 1 - 2 P(discordant) with P = 1/4.
    #expect(abs(tau - 0.5) < 0.005)
  }
}
