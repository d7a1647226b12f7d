import Collectives
import Tensors

/// Large tables whose gradient is zero in most rows: of an embedding's gradient ranks add only the rows that some rank has.
///
/// A batch takes a few thousand of BERT's 30,522 word vectors; the gradient of the others is zero on every rank, and so is
/// its sum. Each rank looks which rows of its own are not zero, bit by bit, so that nothing else need know which rows a
/// batch touched; all agree on the rows that any of them has, and those are added like everything else. A row of zeros adds
/// nothing, so the bits are those of a dense sum.
final class SparseTables {
  /// A matrix with many rows, in elements of the arena.
  struct Table {
    let name: String
    let range: Range<Int>
    let rows: Int
    let width: Int
  }

  let tables: [Table]
  /// What lies between the tables, in order.
  let stretches: [Range<Int>]
  private let pool = BufferPool()

  /// - Parameter minimumRows: a matrix with fewer rows is not a table.
  init(_ layout: ArenaLayout, minimumRows: Int) {
    tables = layout.slices.filter { $0.shape.rank == 2 && $0.shape[0] >= minimumRows }.map { slice in
      Table(name: slice.name, range: slice.range, rows: slice.shape[0], width: slice.shape[1])
    }
    let starts = [0] + tables.map(\.range.upperBound)
    let ends = tables.map(\.range.lowerBound) + [layout.count]
    stretches = zip(starts, ends).filter { $0 < $1 }.map { $0..<$1 }
  }

  /// The rows that are not zero in at least one of the arenas, as a bit a row.
  func heldRows(of table: Table, in arenas: [Arena]) -> [UInt8] {
    var bits = [UInt8](repeating: 0, count: (table.rows + 7) / 8)
    for arena in arenas {
      for row in 0..<table.rows where bits[row / 8] & 1 << (row % 8) == 0 {
        let start = table.range.lowerBound + row * table.width
        if !arena.isZero(start..<start + table.width) { bits[row / 8] |= 1 << (row % 8) }
      }
    }
    return bits
  }

  /// The numbers of all rows that any rank holds, in order; nil where they are so many that a dense sum costs no more.
  func union(_ everyone: [[UInt8]], of table: Table) -> [Int]? {
    let rows = (0..<table.rows).filter { row in everyone.contains { $0[row / 8] & 1 << (row % 8) != 0 } }
    return 2 * rows.count <= table.rows ? rows : nil
  }

  /// Copies rows of a table out of each arena, and after `body` the rows of the first ones back.
  func withRows(
    _ rows: [Int], of table: Table, in arenas: [Arena], returning: Int,
    _ body: ([UnsafeMutablePointer<Float>], Int) throws -> Void
  ) rethrows {
    let width = table.width
    let packed = arenas.map { _ in pool.take(rows.count * width) }
    for (arena, packed) in zip(arenas, packed) {
      let start = arena.pointer + table.range.lowerBound
      for (place, row) in rows.enumerated() {
        (packed.pointer + place * width).update(from: start + row * width, count: width)
      }
    }
    try body(packed.map(\.pointer), rows.count * width)
    for (arena, packed) in zip(arenas, packed).prefix(returning) {
      let start = arena.pointer + table.range.lowerBound
      for (place, row) in rows.enumerated() {
        (start + row * width).update(from: packed.pointer + place * width, count: width)
      }
    }
  }
}
