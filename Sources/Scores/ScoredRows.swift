/// The outputs of a model for labelled rows, in the order of the rows; the same on every rank.
///
/// | task | width, outputs | targetWidth, targets |
/// |---|---|---|
/// | single-label | classes, their probabilities | 1, the number of the class; of soft labels the probabilities behind it |
/// | multi-label | labels, the probability of each | labels, 0 or 1 |
/// | regression | values, each in its unit | values |
/// | multiple choice, retrieval | options, the probability or score of each | 1, the number of the right one |
///
/// A row with fewer options than others has 0 where one is missing. A target that is missing is NaN.
public struct ScoredRows: Sendable, Equatable {
  /// The outputs a row.
  public let width: Int
  /// rows × width, row-major.
  public let outputs: [Double]
  /// The targets a row.
  public let targetWidth: Int
  /// rows × targetWidth, row-major; NaN where a target is missing.
  public let targets: [Double]

  public init(width: Int, outputs: [Double], targetWidth: Int = 1, targets: [Double]) {
    precondition(
      width >= 1 && targetWidth >= 1, "a row has \(width) outputs and \(targetWidth) targets, not one of each")
    precondition(
      outputs.count % width == 0, "\(outputs.count) outputs are not whole rows of \(width)")
    precondition(
      outputs.count / width * targetWidth == targets.count,
      "\(outputs.count / width) rows have \(outputs.count / width * targetWidth) targets, not \(targets.count)")
    (self.width, self.outputs, self.targetWidth, self.targets) = (width, outputs, targetWidth, targets)
  }

  /// The number of rows.
  public var rows: Int { outputs.count / width }

  /// The outputs of one row.
  public func outputs(of row: Int) -> ArraySlice<Double> { outputs[row * width..<(row + 1) * width] }

  /// The targets of one row.
  public func targets(of row: Int) -> ArraySlice<Double> { targets[row * targetWidth..<(row + 1) * targetWidth] }

  /// These rows in this order; a row may stand several times.
  public subscript(rows rows: some Collection<Int>) -> ScoredRows {
    var chosen: (outputs: [Double], targets: [Double]) = ([], [])
    chosen.outputs.reserveCapacity(rows.count * width)
    chosen.targets.reserveCapacity(rows.count * targetWidth)
    for row in rows {
      chosen.outputs += outputs(of: row)
      chosen.targets += targets(of: row)
    }
    return ScoredRows(width: width, outputs: chosen.outputs, targetWidth: targetWidth, targets: chosen.targets)
  }

  /// Whether there are rows, all outputs are numbers, and every target is a number or missing.
  var isUsable: Bool {
    rows > 0 && outputs.allSatisfy(\.isFinite) && !targets.contains { $0.isInfinite }
  }
}
