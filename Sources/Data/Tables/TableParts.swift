/// The files of a table as one sequence of lines: those of each file follow those of the file before.
///
/// A row's line is its line in the first file, and beyond that file's size in bytes, which no line of it reaches, in the next
/// one. So a line alone says where a row stands, and of a single file it is the line itself.
struct TableParts: Sendable {
  private let parts: [(file: String, before: Int)]

  /// Files and what they hold.
  init(_ contents: [(file: String, content: [UInt8])]) {
    var end = 0
    parts = contents.map { file, content in
      defer { end += content.count + 1 }
      return (file, end)
    }
  }

  /// What is added to the lines of a file.
  func linesBefore(_ index: Int) -> Int { parts[index].before }

  /// The file in which a line stands, and its line there; nil where there is one file at most.
  func place(of line: Int) -> (file: String, line: Int)? {
    guard parts.count > 1, let part = parts.last(where: { $0.before < line }) else { return nil }
    return (part.file, line - part.before)
  }

  /// An error about a row, with the row's own file and line.
  func located(_ error: TableError) -> TableError {
    guard let place = error.line.flatMap(place) else { return error }
    return TableError(file: place.file, line: place.line, problem: error.problem, remedy: error.remedy)
  }

  /// Checks that a file has the columns of those before it.
  static func checkColumns(
    _ columns: [String], of file: String, hasHeader: Bool, as first: inout (file: String, columns: [String])?
  )
    throws(TableError)
  {
    guard let known = first else {
      first = (file, columns)
      return
    }
    if !hasHeader, known.columns.count != columns.count {
      throw TableError(
        file: file, problem: "has \(columns.count) columns, and \(known.file) \(known.columns.count)",
        remedy: "give files with the same columns")
    }
    guard hasHeader, Set(columns) != Set(known.columns) else { return }
    throw TableError(
      file: file, problem: "has the columns \(list(columns)), and \(known.file) \(list(known.columns))",
      remedy: "give files with the same columns")
  }
}
