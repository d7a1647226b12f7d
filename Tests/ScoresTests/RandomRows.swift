import Scores

/// Random rows for naive twins; a function of the seed.
struct RandomRows {
  private var counter: UInt64 = 0
  private let seed: UInt64

  init(seed: UInt64) { self.seed = seed }

  /// A number in [0, 1).
  mutating func unit() -> Double {
    counter += 1
    return Double(Bootstrap.output(counter, seed: seed) >> 11) * 0x1p-53
  }

  mutating func whole(below bound: Int) -> Int { Int(unit() * Double(bound)) }

  /// Numbers in [0, 1], ties among them where there are few levels.
  mutating func series(_ count: Int, levels: Int) -> [Double] {
    (0..<count).map { _ in Double(whole(below: levels)) / Double(levels) }
  }

  /// Rows of label sets whose outputs say something of the targets.
  mutating func labelSets(rows: Int, labels: Int, levels: Int, missing: Double = 0) -> ScoredRows {
    let targets = (0..<rows * labels).map { _ in unit() < missing ? Double.nan : unit() < 0.4 ? 1 : 0 }
    let outputs = targets.map { target in
      Double(whole(below: levels + (target == 1 ? levels / 2 : 0))) / Double(levels + levels / 2)
    }
    return ScoredRows(width: labels, outputs: outputs, targetWidth: labels, targets: targets)
  }

  /// Rows of classes; probabilities add up to one.
  mutating func classes(rows: Int, classes: Int, levels: Int) -> ScoredRows {
    let targets = (0..<rows).map { _ in Double(whole(below: classes)) }
    let outputs = targets.flatMap { target in
      var row = (0..<classes).map { _ in Double(1 + whole(below: levels)) }
      row[Int(target)] += 1
      let sum = row.reduce(0, +)
      return row.map { $0 / sum }
    }
    return ScoredRows(width: classes, outputs: outputs, targets: targets)
  }
}

extension MeasureList {
  /// The value of one measure, which must exist.
  func value(_ name: String, _ rows: ScoredRows) -> Double {
    guard let measure = named(name) else { preconditionFailure("no measure is called \(name)") }
    return measure.value(rows)
  }
}
