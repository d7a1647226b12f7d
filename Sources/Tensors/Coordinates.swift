/// For each row of a packed matrix, where it lies in the global batch: what a dropout site's draws are keyed by.
public struct Coordinates: Sendable, Equatable {
  /// Row of the global batch.
  public let rows: [UInt32]
  /// Place within that row: the token's position, or 0 for one vector a row.
  public let outers: [UInt32]

  public var count: Int { rows.count }

  private init(rows: [UInt32], outers: [UInt32]) { (self.rows, self.outers) = (rows, outers) }

  /// Some of these places, in this order.
  public subscript(places: [Int32]) -> Coordinates {
    Coordinates(rows: places.map { rows[Int($0)] }, outers: places.map { outers[Int($0)] })
  }

  /// One vector a row: sentence vectors, logits.
  public init(rows: [Int32]) {
    self.rows = rows.map { UInt32($0) }
    outers = Array(repeating: 0, count: rows.count)
  }

  /// Packed tokens: `offsets[r] ..< offsets[r + 1]` are the tokens of row `r`.
  public init(rows: [Int32], offsets: [Int32]) {
    require(
      offsets.count == rows.count + 1, "\(rows.count) rows need \(rows.count + 1) offsets, not \(offsets.count)")
    var expandedRows: [UInt32] = []
    var outers: [UInt32] = []
    for (index, row) in rows.enumerated() {
      for place in 0..<(offsets[index + 1] - offsets[index]) {
        expandedRows.append(UInt32(row))
        outers.append(UInt32(place))
      }
    }
    self.rows = expandedRows
    self.outers = outers
  }
}
