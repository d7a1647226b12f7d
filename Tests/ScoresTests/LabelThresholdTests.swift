import Scores
import Testing

@Suite("Thresholds of labels")
struct LabelThresholdTests {
  private func f1(_ rows: ScoredRows, _ label: Int, _ threshold: Double) -> Double {
    var (both, sum) = (0.0, 0.0)
    for row in 0..<rows.rows {
      let target = rows.targets[row * rows.width + label]
      if target.isNaN { continue }
      let predicted = rows.outputs[row * rows.width + label] >= threshold ? 1.0 : 0
      both += predicted * target
      sum += predicted + target
    }
    return sum == 0 ? 0 : 2 * both / sum
  }

  @Test("give the largest F1 of all thresholds there are", arguments: 1...10 as ClosedRange<UInt64>)
  func largest(seed: UInt64) {
    var random = RandomRows(seed: seed)
    let rows = random.labelSets(
      rows: 30, labels: 3, levels: seed.isMultiple(of: 2) ? 6 : 1000, missing: seed.isMultiple(of: 3) ? 0.2 : 0)
    let thresholds = LabelThresholds.best(on: rows)
    for label in 0..<3 {
      let all = rows.outputs + rows.outputs.map { $0.nextUp } + [0, 0.5, 1]
      let best = all.map { f1(rows, label, $0) }.max()!
      #expect(agree(f1(rows, label, thresholds[label]), best))
      if agree(f1(rows, label, 0.5), best) { #expect(thresholds[label] == 0.5) }
    }
    let tuned = LabelSetMeasures.all(labels: 3, thresholds: thresholds).value("f1_macro", rows)
    #expect(tuned >= LabelSetMeasures.all(labels: 3).value("f1_macro", rows))
  }

  @Test(
    "lie at 0.5 where that is as good, else between two scores, the nearest to 0.5 of several",
    arguments: [
      // The scores, the targets and the threshold.
      ([0.9, 0.4, 0.1], [1, 0, 0], 0.5), ([0.9, 0.7, 0.1], [1, 0, 0], 0.8),
      ([0.4, 0.2, 0.1], [1, 0, 0], 0.30000000000000004),
      ([0.4, 0.2, 0.1], [1, 1, 1], 0.05), ([0.9, 0.8, 0.7], [1, 1, 1], 0.5), ([0.9, 0.8, 0.7], [0, 0, 0], 0.5),
      // F1 is 2/3 with one row, and with all four.
      ([0.9, 0.7, 0.6, 0.2], [1, 0, 0, 1], 0.8), ([0.8, 0.45, 0.4, 0.3], [1, 0, 0, 1], 0.5),
      // Equal scores cannot be divided.
      ([0.7, 0.7, 0.2], [1, 0, 0], 0.5), ([0.3, 0.3, 0.3], [1, 0, 1], 0.15),
    ] as [([Double], [Double], Double)])
  func byHand(scores: [Double], targets: [Double], threshold: Double) {
    #expect(LabelThresholds.best(on: ScoredRows(width: 1, outputs: scores, targets: targets)) == [threshold])
  }

  @Test("are above the lower of two neighbouring numbers")
  func neighbours() {
    // The middle of two neighbours is rounded down for one of these pairs.
    for lower in [0.3, 0.3.nextUp] {
      let rows = ScoredRows(width: 1, outputs: [lower.nextUp, lower], targets: [1, 0])
      #expect(LabelThresholds.best(on: rows) == [lower.nextUp])
    }
  }

  @Test("of no rows are 0.5")
  func nothing() {
    #expect(
      LabelThresholds.best(on: ScoredRows(width: 2, outputs: [], targetWidth: 2, targets: [])) == [0.5, 0.5])
    #expect(LabelThresholds.best(on: ScoredRows(width: 1, outputs: [0.9], targets: [.nan])) == [0.5])
  }
}
