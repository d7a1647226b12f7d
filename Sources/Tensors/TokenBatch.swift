/// Token rows without padding: the tokens of all rows one behind the other.
public struct TokenBatch: Sendable, Equatable {
  /// [tokens]
  public var ids: [Int32]
  /// [tokens], 0 for the first segment of a row and 1 for the second.
  public var typeIDs: [Int32]
  /// [tokens], counted from 0 in each row.
  public var positions: [Int32]
  /// [rows + 1]; row r is `offsets[r] ..< offsets[r + 1]`.
  public var offsets: [Int32]

  public init(ids: [Int32], typeIDs: [Int32], positions: [Int32], offsets: [Int32]) {
    self.ids = ids
    self.typeIDs = typeIDs
    self.positions = positions
    self.offsets = offsets
  }
}
