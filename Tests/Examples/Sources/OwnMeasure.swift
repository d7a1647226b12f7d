import Lockstep

/// Measures of one's own: a name, which is better, and a closure over what was predicted of all rows.
enum OwnMeasure {
  /// The share of rows whose rating is at most one away from the right one.
  static let withinOne = Measure(name: "within_one", isLargerBetter: true) { rows in
    let values = Ratings.values(rows)
    let near = zip(values.outputs, values.targets).count { abs($0 - $1) <= 1 }
    return Double(near) / Double(values.rows)
  }

  /// F2 of the second of two classes, for which a row that is missed is worse than one too many.
  ///
  ///     F2 = 5 TP / (5 TP + 4 FN + FP)
  static let f2 = Measure(name: "f2", isLargerBetter: true) { rows in
    var (hits, missed, extra) = (0.0, 0.0, 0.0)
    for row in 0..<rows.rows {
      let isFound = rows.outputs(of: row).last! > 0.5
      switch (rows.targets(of: row).first == 1, isFound) {
      case (true, true): hits += 1
      case (true, false): missed += 1
      case (false, true): extra += 1
      case (false, false): break
      }
    }
    return 5 * hits / (5 * hits + 4 * missed + extra)
  }

  static func run() throws {
    var settings = TrainingSettings(seed: 1, totalSteps: 100)
    settings.measures = SingleLabel(classes: 2).measures.measures.filter { $0.name == "accuracy" } + [f2]
    settings.best = f2.name
    let trainer = Trainer(
      parts: try TrainingParts.points(PointClassifier()), settings: settings, replicas: DataParallelGroup(SoloGroup()))
    for _ in 0..<100 { _ = try trainer.advance() }
    guard let report = try trainer.evaluate() else { return }
    print("f2 \(report["f2"] ?? 0), accuracy \(report["accuracy"] ?? 0) on \(report.rows) rows")
  }
}
