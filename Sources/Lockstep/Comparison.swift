import Data
import Scores
import Tensors
import Training

/// All rows of an evaluation, compared with one another.
struct Comparison {
  private let task: any ComparingTask
  private let rows: Int
  /// In the order in which rows are computed.
  private var order: [Int] = []
  private var comparands = Comparands()

  /// Nil where no measure asks for it.
  init?(_ task: any LearningTask, for measures: [Measure], rows: Int) {
    guard let task = task as? any ComparingTask, task.compares(for: measures) else { return nil }
    (self.task, self.rows) = (task, rows)
  }

  mutating func add(_ rows: [Int], _ scores: Tensor, _ batch: Microbatch) {
    order += rows
    comparands += task.comparands(scores, batch)
  }

  /// A number of each row, in the order of the rows.
  var numbers: [Double] {
    var result = [Double](repeating: 0, count: rows)
    let numbers = task.comparisons(comparands.queries, from: 0, with: comparands.candidates, of: rows)
    for (row, number) in zip(order, numbers) { result[row] = number }
    return result
  }
}
