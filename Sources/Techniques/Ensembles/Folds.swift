import Data
import Tensors

/// A data set cut in K parts, each of which is predicted by a model that was trained on the others.
///
/// Which row belongs to which fold is a pure function of (seed, number of rows, K). Rows of a class are dealt out in turn, so
/// that every fold has its share of each class (Kohavi, A study of cross-validation, 1995).
public struct Folds: Sendable, Equatable {
  public let count: Int
  /// The fold of each row.
  public let assignment: [Int]

  /// Folds that keep the rows of a group together; classes are then shared out as far as groups allow.
  ///
  /// - Parameters:
  ///   - labels: of every row.
  ///   - groups: of every row, of which there are `count` or more; nil for none.
  public init(labels: [Int32], groups: [Int]?, count: Int, seed: UInt64) {
    guard let groups else {
      self.init(labels: labels, count: count, seed: seed)
      return
    }
    let order = RandomStream(seed: seed, purpose: .folds).permutation(of: labels.count)
    let shares = [Double](repeating: 1 / Double(count), count: count)
    guard let deal = GroupDeal(Strata(labels), groups: groups, shares: shares, order: order) else {
      preconditionFailure("fewer groups than \(count) folds")
    }
    self.init(count: count, assignment: deal.parts)
  }

  private init(count: Int, assignment: [Int]) { (self.count, self.assignment) = (count, assignment) }

  /// - Parameter labels: of every row.
  public init(labels: [Int32], count: Int, seed: UInt64) {
    precondition((2...max(2, labels.count)).contains(count), "\(labels.count) rows cannot be cut in \(count) folds")
    self.count = count
    let order = RandomStream(seed: seed, purpose: .folds).permutation(of: labels.count)
    var assignment = [Int](repeating: 0, count: labels.count)
    // Swift's sort is stable: rows of one class stay in the order of the permutation.
    for (turn, row) in order.sorted(by: { labels[$0] < labels[$1] }).enumerated() { assignment[row] = turn % count }
    self.assignment = assignment
  }

  /// The rows of one fold, to be predicted.
  public func held(out fold: Int) -> [Int] { assignment.indices.filter { assignment[$0] == fold } }

  /// The rows of all other folds, to train on.
  public func kept(without fold: Int) -> [Int] { assignment.indices.filter { assignment[$0] != fold } }
}

/// Some rows of a data set, as a data set; sample ids are those of the whole.
public struct DatasetRows: Dataset {
  private let base: any Dataset
  private let rows: [Int]

  /// The row of the base that each row is.
  package var places: [Int] { rows }

  public init(_ base: any Dataset, rows: [Int]) {
    self.base = base
    self.rows = rows
  }

  public var rowCount: Int { rows.count }
  public func length(_ row: Int) -> Int { base.length(rows[row]) }
  public func windows(_ row: Int) -> Int { base.windows(rows[row]) }
  public func targets(_ row: Int) -> [Float] { base.targets(rows[row]) }
  public func words(_ row: Int) -> RowWords? { base.words(rows[row]) }
  public var labellingPieces: any Dataset { DatasetRows(base.labellingPieces, rows: rows) }
  public var scoringAllTokens: any Dataset { DatasetRows(base.scoringAllTokens, rows: rows) }
  public func weight(_ row: Int) -> Float { base.weight(rows[row]) }
  public func sampleID(_ row: Int) -> Int { base.sampleID(rows[row]) }
  public func rowID(_ row: Int) -> String { base.rowID(rows[row]) }
  public func drawn(at step: Int) -> any Dataset { DatasetRows(base.drawn(at: step), rows: rows) }

  public func microbatch(rows chosen: [Int], positions: Range<Int>) -> Microbatch {
    base.microbatch(rows: chosen.map { rows[$0] }, positions: positions)
  }
}
