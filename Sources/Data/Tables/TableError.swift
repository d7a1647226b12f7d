import Support

/// Why a table cannot be used: what is wrong, on which line (from 1; a row's line is its first), and what to do.
public struct TableError: ClassifiedError, Equatable, CustomStringConvertible, Sendable {
  public let file: String
  public let line: Int?
  public let problem: String
  public let remedy: String

  public init(file: String, line: Int? = nil, problem: String, remedy: String) {
    self.file = file
    self.line = line
    self.problem = problem
    self.remedy = remedy
  }

  init(_ file: String, _ problem: LabelProblem) {
    self.init(file: file, line: problem.line, problem: problem.problem, remedy: problem.remedy)
  }

  public var exitClass: ExitClass { .wrongInput }

  /// One line, whatever the file holds.
  public var description: String {
    let place = line.map { ", line \($0)" } ?? ""
    return String("\(file)\(place): \(problem); \(remedy)".map { $0.isNewline ? " " : $0 })
  }
}

extension TableError {
  static func empty(_ file: String) -> TableError {
    TableError(file: file, problem: "the file is empty", remedy: "give a table with at least one row")
  }

  /// A header alone.
  static func noRows(_ file: String) -> TableError {
    TableError(file: file, problem: "no row follows the header", remedy: "give a table with at least one row")
  }

  /// Objects in a table that is said to have no header.
  static func namedValues(_ file: String, _ words: ColumnVocabulary) -> TableError {
    TableError(
      file: file,
      problem: "holds objects, whose keys name their values, and \(words.noHeader) is for columns without names",
      remedy: "leave it out")
  }

  static func encoding(
    _ file: String, line: Int?, _ failure: TextEncoding.Failure, _ encoding: TextEncoding, _ words: ColumnVocabulary
  ) -> TableError {
    guard failure != .unavailable else {
      return TableError(
        file: file, problem: "this machine has no table for \(encoding.rawValue)", remedy: "convert the file to UTF-8")
    }
    let remedy =
      encoding == .utf8
      ? "set \(words.setting("encoding")) to what the file is written in (latin-1 and windows-1252 are usual for"
        + " European, gbk for Chinese files), or convert it to UTF-8"
      : "set another \(words.setting("encoding")), or convert the file to UTF-8"
    return TableError(
      file: file, line: line, problem: "holds bytes that are not \(encoding.rawValue.uppercased())", remedy: remedy)
  }

  static func zeroByte(_ file: String, line: Int, _ words: ColumnVocabulary) -> TableError {
    TableError(
      file: file, line: line, problem: "holds a byte of value zero, which no text does",
      remedy: "set \(words.setting("encoding", "utf-16")) if the file is UTF-16, or remove the byte")
  }

  static func missingColumn(
    _ file: String, column: String, role: ColumnMapping.Role, found: [String], _ words: ColumnVocabulary
  ) -> TableError {
    let hint = separatorHint(file, header: found)
    let near = nearest(to: column, among: found).map { ", the nearest is \(quoted($0))" } ?? ""
    return TableError(
      file: file, problem: "has no column \(quoted(column)) (columns: \(list(found)))\(near)",
      remedy: hint ?? "name one of these in \(words.column(role))")
  }

  /// What to do about a header that is one field because another character separates.
  private static func separatorHint(_ file: String, header: [String]) -> String? {
    guard header.count == 1 else { return nil }
    if header[0].hasPrefix("sep=") {
      return
        "its first line says that fields are separated by \(quoted(String(header[0].dropFirst(4)))): write the file with commas"
    }
    let isCSV = TableFormat(file: file) == .csv
    let separators: [(Character, String)] = [
      (";", "the fields look separated by semicolons: write the file with commas"),
      ("\t", isCSV ? "the fields are separated by tabs: name the file .tsv" : "separate the fields by one tab"),
      (",", "the fields look separated by commas: name the file .csv"),
      ("|", "the fields look separated by bars: write the file with commas"),
    ]
    return separators.first { header[0].contains($0.0) && !(isCSV && $0.0 == ",") }?.1
  }

  static func duplicateColumn(_ file: String, column: String, role: ColumnMapping.Role, _ words: ColumnVocabulary)
    -> TableError
  {
    TableError(
      file: file, problem: "has more than one column \(quoted(column))",
      remedy: "rename one of them, or name another in \(words.column(role))")
  }

  /// Broken quoting, or broken JSON.
  static func malformed(_ file: String, line: Int, _ reason: String, remedy: String = "correct the row") -> TableError {
    TableError(file: file, line: line, problem: reason, remedy: remedy)
  }

  static func missingKey(
    _ file: String, line: Int, key: String, role: ColumnMapping.Role, found: [String], _ words: ColumnVocabulary
  ) -> TableError {
    let near = nearest(to: key, among: found).map { ", the nearest is \(quoted($0))" } ?? ""
    return TableError(
      file: file, line: line, problem: "has no key \(quoted(key)) (keys: \(list(found)))\(near)",
      remedy: "add it, or name another in \(words.column(role))")
  }

  static func missingLabel(_ file: String, line: Int, column: String) -> TableError {
    TableError(
      file: file, line: line, problem: "has no label in \(quoted(column))", remedy: "add the label, or remove the row")
  }
}
