import Data
import Tensors

/// Rows of random tokens of one length, for benchmarks: nothing to read, nothing to tokenize.
package struct SyntheticTokens: Dataset {
  package let rowCount: Int
  private let rowLength: Int
  private let ids: [Int32]

  package init(rows: Int, length: Int, vocabulary: Int, seed: UInt64 = 1) {
    rowCount = rows
    rowLength = length
    let random = RandomStream(seed: seed, purpose: .shuffle)
    ids = (0..<rows * length).map { Int32(random.integer(below: UInt32(vocabulary), index: UInt64($0))) }
  }

  package func length(_ row: Int) -> Int { rowLength }
  package func targets(_ row: Int) -> [Float] { [Float(Int32(row % 2))] }
  package func sampleID(_ row: Int) -> Int { row }

  package func microbatch(rows: [Int], positions: Range<Int>) -> Microbatch {
    let batch = TokenBatch(
      ids: rows.flatMap { ids[$0 * rowLength..<($0 + 1) * rowLength] },
      typeIDs: [Int32](repeating: 0, count: rows.count * rowLength),
      positions: rows.flatMap { _ in 0..<Int32(rowLength) },
      offsets: (0...rows.count).map { Int32($0 * rowLength) })
    return Microbatch(
      input: .tokens(batch), labels: rows.map(label), rows: positions.map(Int32.init), sampleIDs: rows)
  }
}
