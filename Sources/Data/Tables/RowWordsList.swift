/// The words of rows, each made when it is asked for: those of all rows at once would take many times the room of the rows.
public struct RowWordsList: RandomAccessCollection, Sendable {
  public let endIndex: Int
  private let words: @Sendable (Int) -> RowWords

  init(count: Int, words: @escaping @Sendable (Int) -> RowWords) { (endIndex, self.words) = (count, words) }

  /// Of no row.
  public static let none = RowWordsList(count: 0) { _ in preconditionFailure("there is no row") }

  public var startIndex: Int { 0 }

  public subscript(row: Int) -> RowWords {
    precondition(indices.contains(row), "row \(row) of \(count)")
    return words(row)
  }
}
