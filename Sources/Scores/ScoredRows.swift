/// The outputs of a model for labelled rows, in the order of the rows; the same on every rank.
///
/// | task | width, outputs | targetWidth, targets |
/// |---|---|---|
/// | single-label | classes, their probabilities | 1, the number of the class; of soft labels the probabilities behind it |
/// | multi-label | labels, the probability of each | labels, 0 or 1 |
/// | regression | values, each in its unit | values |
/// | token classification | tags, the probability of each | 1, the number of the tag; the words of a text are a group |
/// | span answers | `SpanOutput`, of the best span and of no answer | 1, whether there is an answer |
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
  /// Where each text begins among the rows, and the end of the last, where rows are the words of texts; else nil.
  public let groups: [Int]?

  public init(width: Int, outputs: [Double], targetWidth: Int = 1, targets: [Double], groups: [Int]? = nil) {
    precondition(
      width >= 1 && targetWidth >= 1, "a row has \(width) outputs and \(targetWidth) targets, not one of each")
    precondition(
      outputs.count % width == 0, "\(outputs.count) outputs are not whole rows of \(width)")
    precondition(
      outputs.count / width * targetWidth == targets.count,
      "\(outputs.count / width) rows have \(outputs.count / width * targetWidth) targets, not \(targets.count)")
    precondition(
      groups.map { $0.first == 0 && $0.last == outputs.count / width } ?? true,
      "texts of \(groups?.last ?? 0) words, and \(outputs.count / width) rows")
    (self.width, self.outputs, self.targetWidth, self.targets) = (width, outputs, targetWidth, targets)
    self.groups = groups
  }

  /// The number of rows.
  public var rows: Int { outputs.count / width }

  /// The outputs of one row.
  public func outputs(of row: Int) -> ArraySlice<Double> { outputs[row * width..<(row + 1) * width] }

  /// The targets of one row.
  public func targets(of row: Int) -> ArraySlice<Double> { targets[row * targetWidth..<(row + 1) * targetWidth] }

  /// What is drawn when rows are drawn anew: texts where rows are their words, else the rows.
  public var drawable: Int { groups.map { $0.count - 1 } ?? rows }

  /// These rows, or these texts, in this order; one may stand several times.
  public subscript(rows chosen: some Collection<Int>) -> ScoredRows {
    var (outputs, targets, borders): ([Double], [Double], [Int]) = ([], [], [0])
    for row in chosen {
      let own = groups.map { $0[row]..<$0[row + 1] } ?? row..<row + 1
      outputs += self.outputs[own.lowerBound * width..<own.upperBound * width]
      targets += self.targets[own.lowerBound * targetWidth..<own.upperBound * targetWidth]
      borders.append(borders[borders.count - 1] + own.count)
    }
    return ScoredRows(
      width: width, outputs: outputs, targetWidth: targetWidth, targets: targets, groups: groups == nil ? nil : borders)
  }

  /// Whether there are rows, all outputs are numbers, and every target is a number or missing.
  var isUsable: Bool {
    rows > 0 && outputs.allSatisfy(\.isFinite) && !targets.contains { $0.isInfinite }
  }
}
