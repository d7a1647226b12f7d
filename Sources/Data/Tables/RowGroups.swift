import Support

/// The groups of a table's rows: rows with an equal value of one column are a group.
public struct RowGroups: Sendable {
  /// Of each row, numbered in the order in which they appear.
  public let numbers: [Int]
  public let count: Int

  /// - Parameters:
  ///   - key: of the recipe that names the column.
  ///   - limit: only the first rows.
  /// - Throws: `FileError` or `TableError`.
  public init(_ files: TableFiles, column: String, key: String, limit: Int?, options: TableOptions) throws {
    let columns = ColumnMapping(text: column, label: nil, vocabulary: .key(key))
    var options = options
    options.readsQuestions = true
    var known: [ByteString: Int] = [:]
    numbers = try Table(files: files, columns: columns, limit: limit, options: options).rows.map { row in
      let value = ByteString(row.text)
      let number = known[value] ?? known.count
      known[value] = number
      return number
    }
    count = known.count
  }
}
