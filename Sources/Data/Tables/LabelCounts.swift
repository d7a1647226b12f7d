import Support
import Text

/// The different labels of a table, in the order in which they appear.
public struct LabelCounts: Sendable, Equatable {
  public struct Entry: Sendable, Equatable {
    public let label: String
    public internal(set) var rows: Int
    /// The line (of images the row) on which it appears first.
    public let line: Int
  }

  public private(set) var entries: [Entry] = []

  public init(of table: Table) { self.init(of: table.targetCells) }

  /// The labels of the first column.
  public init(of cells: TargetCells) {
    var places: [ByteString: Int] = [:]
    guard !cells.columns.isEmpty else { return }
    for row in 0..<cells.rowCount { add(cells.first(row), line: cells.lines[row], places: &places) }
  }

  private mutating func add(_ label: String, line: Int, places: inout [ByteString: Int]) {
    let key = ByteString(label)
    if let place = places[key] {
      entries[place].rows += 1
    } else {
      places[key] = entries.count
      entries.append(Entry(label: label, rows: 1, line: line))
    }
  }

  /// The rarest label; of several the last to appear.
  var rarest: Entry? {
    entries.enumerated().min { ($0.element.rows, -$0.offset) < ($1.element.rows, -$1.offset) }?.element
  }
}
