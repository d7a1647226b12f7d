import Data
import Tensors

/// Token rows held in memory, as a dataset.
package struct TokenRows: Dataset {
  package struct Row: Sendable {
    package var ids: [Int32]
    package var typeIDs: [Int32]
    package var label: Int32

    package init(ids: [Int32], typeIDs: [Int32], label: Int32) {
      self.ids = ids
      self.typeIDs = typeIDs
      self.label = label
    }
  }

  package var rows: [Row]

  package init(_ rows: [Row]) { self.rows = rows }

  /// Rows of 3 to 12 random tokens whose label follows from the first, so that there is something to learn.
  package init(random count: Int, vocabulary: Int, labels: Int, seed: UInt64) {
    let stream = RandomStream(seed: seed, purpose: .initialization)
    rows = (0..<count).map { row in
      let draw = { (index: Int, bound: Int) in
        Int32(stream.integer(below: UInt32(bound), index: UInt64(row * 16 + index)))
      }
      let ids = (0..<Int(3 + draw(0, 10))).map { draw($0 + 1, vocabulary) }
      return Row(ids: ids, typeIDs: ids.indices.map { $0 > ids.count / 2 ? 1 : 0 }, label: ids[0] % Int32(labels))
    }
  }

  package var rowCount: Int { rows.count }
  package func length(_ row: Int) -> Int { rows[row].ids.count }
  package func targets(_ row: Int) -> [Float] { [Float(rows[row].label)] }
  package func sampleID(_ row: Int) -> Int { row }

  package func microbatch(rows chosen: [Int], positions: Range<Int>) -> Microbatch {
    var batch = TokenBatch(ids: [], typeIDs: [], positions: [], offsets: [0])
    for row in chosen.map({ rows[$0] }) {
      batch.ids += row.ids
      batch.typeIDs += row.typeIDs
      batch.positions += row.ids.indices.map { Int32($0) }
      batch.offsets.append(Int32(batch.ids.count))
    }
    return Microbatch(
      input: .tokens(batch), labels: chosen.map(label), rows: positions.map { Int32($0) }, sampleIDs: chosen)
  }
}
