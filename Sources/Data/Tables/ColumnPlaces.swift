/// Where the columns of a mapping stand in a comma- or tab-separated file.
struct ColumnPlaces {
  let file: String
  let columns: ColumnMapping
  /// The fields of the first line.
  let first: [String]

  /// A column with its role.
  typealias Place = (role: ColumnMapping.Role, place: Int)

  /// By the names in the header; by number where there is none.
  func places(hasHeader: Bool) throws(TableError) -> [Place] {
    var places: [Place] = []
    for (role, column) in columns.named {
      places.append((role, hasHeader ? try named(column, role) : try numbered(column, role)))
    }
    return places
  }

  private func named(_ column: String, _ role: ColumnMapping.Role) throws(TableError) -> Int {
    guard let place = first.firstIndex(of: column) else { throw missing(column, role) }
    guard first.lastIndex(of: column) == place else {
      throw .duplicateColumn(file, column: column, role: role, columns.vocabulary)
    }
    return place
  }

  private func numbered(_ column: String, _ role: ColumnMapping.Role) throws(TableError) -> Int {
    let setting = columns.vocabulary.column(role)
    let last = first.count - 1
    guard Self.isNumber(column) else {
      throw TableError(
        file: file,
        problem: "has no header (\(columns.vocabulary.noHeader)), and \(setting) is the name \(quoted(column))",
        remedy: "give the column's number from 0 to \(last) in \(setting)")
    }
    guard let place = Int(column), place <= last else {
      throw TableError(
        file: file,
        problem:
          "has \(first.count == 1 ? "1 column" : "\(first.count) columns"), and \(setting) is \(column.prefix(20))",
        remedy: "give a number from 0 to \(last)")
    }
    return place
  }

  /// No column has this name; perhaps because the first line is a row.
  private func missing(_ column: String, _ role: ColumnMapping.Role) -> TableError {
    let error = TableError.missingColumn(file, column: column, role: role, found: first, columns.vocabulary)
    guard Self.isNumber(column) || looksLikeRow, first.count > 1 || Self.isNumber(column) else { return error }
    let numbers = Self.isNumber(column) ? "" : " and number the columns from 0"
    return TableError(
      file: file, problem: error.problem,
      remedy: "\(error.remedy), or set \(columns.vocabulary.noHeader)\(numbers) if the first line is a row")
  }

  /// Whether the first line holds what headers rarely do: a number, or a sentence.
  private var looksLikeRow: Bool { first.contains { WholeNumber.decimal($0) != nil || Self.isSentence($0) } }

  private static func isSentence(_ field: String) -> Bool {
    field.utf8.count > 50 || field.split(whereSeparator: \.isWhitespace).count > 4
  }

  private static func isNumber(_ column: String) -> Bool {
    !column.isEmpty && column.utf8.allSatisfy { 0x30...0x39 ~= $0 }
  }
}

extension ColumnVocabulary {
  /// The setting of a table whose first line is a row.
  var noHeader: String { self == .options ? "--no-header" : "data.header: false" }
}
