import Data

/// Rows of which each counts by a weight of its own.
package struct WeightedRows: Dataset {
  private let base: any Dataset
  private let weights: [Float]

  package init(_ base: any Dataset, weights: [Float]) {
    self.base = base
    self.weights = weights
  }

  package var rowCount: Int { base.rowCount }
  package func length(_ row: Int) -> Int { base.length(row) }
  package func targets(_ row: Int) -> [Float] { base.targets(row) }
  package func weight(_ row: Int) -> Float { weights[row] }
  package func sampleID(_ row: Int) -> Int { base.sampleID(row) }

  package func microbatch(rows: [Int], positions: Range<Int>) -> Microbatch {
    base.microbatch(rows: rows, positions: positions)
  }
}
