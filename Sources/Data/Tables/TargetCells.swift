import Support

/// The cells of a data set's label columns, as they are written: what a task makes targets of.
public struct TargetCells: Sendable {
  /// The file, for errors.
  public let file: String
  /// The label columns; one, without a name, for the labels of images.
  public let columns: [String]
  public let vocabulary: ColumnVocabulary
  /// The line of each row, from 1; of images the row, from 0.
  public let lines: [Int]
  /// [rows × columns]; empty where a row of several columns has none.
  public let cells: [String]
  /// Whether some cell is a list or an object, as JSON.
  public let hasLists: Bool
  /// The number of options of each row; nil where rows have none.
  public let optionCounts: [Int]?
  /// The words of each row; nil where rows are labelled as a whole.
  public let words: RowWordsList?
  /// The ids of rows that have them.
  private let ids: @Sendable (Int) -> String?
  private let areImages: Bool
  /// The files that the lines are of.
  private let parts: TableParts

  init(
    file: String, columns: [String], vocabulary: ColumnVocabulary, lines: [Int], cells: [String],
    hasLists: Bool = false, optionCounts: [Int]? = nil, words: RowWordsList? = nil, areImages: Bool = false,
    parts: TableParts = TableParts([]), ids: @escaping @Sendable (Int) -> String? = { _ in nil }
  ) {
    precondition(
      cells.count == lines.count * columns.count,
      "\(cells.count) cells for \(lines.count) rows of \(columns.count) columns")
    (self.file, self.columns, self.vocabulary, self.lines) = (file, columns, vocabulary, lines)
    (self.cells, self.hasLists, self.optionCounts, self.areImages) = (cells, hasLists, optionCounts, areImages)
    (self.words, self.parts, self.ids) = (words, parts, ids)
  }

  public var rowCount: Int { lines.count }

  /// The id of a row; nil where rows have none.
  public func id(_ row: Int) -> String? { ids(row) }

  /// The cell of a row's first column.
  public func first(_ row: Int) -> String { cells[row * columns.count] }

  /// The elements of the list in a row's first cell; nil where it is not a list.
  public func list(_ row: Int) -> [String]? {
    let text = first(row)
    guard hasLists, text.hasPrefix("["), case .array(let elements)? = try? JSONParser.parse(Array(text.utf8)) else {
      return nil
    }
    // Every element was written as a text, but those of spans.
    let texts = elements.compactMap { if case .string(let element) = $0 { element } else { String?.none } }
    return texts.count == elements.count && !(texts.isEmpty && words?[row].places.isEmpty == false) ? texts : nil
  }

  /// Whether some row's first cell is an object.
  public var hasObjects: Bool { hasLists && (0..<rowCount).contains { object($0) != nil } }

  /// The members of the object in a row's first cell; nil where it is not an object.
  public func object(_ row: Int) -> [(name: String, text: String)]? {
    let text = first(row)
    guard hasLists, text.hasPrefix("{"), case .object(let members)? = try? JSONParser.parse(Array(text.utf8)) else {
      return nil
    }
    // Every value was written as a text.
    return members.compactMap { member in if case .string(let text) = member.value { (member.key, text) } else { nil } }
  }

  /// The cells of a row.
  public subscript(row: Int) -> ArraySlice<String> { cells[row * columns.count..<(row + 1) * columns.count] }

  /// Where the label columns are named: `data.columns.label`, or `--label`.
  public var setting: String { vocabulary.column(.label) }

  /// An error at a row, or of the whole where it is nil.
  public func error(row: Int? = nil, _ problem: String, remedy: String) -> any Error {
    error(LabelProblem(line: row.map { lines[$0] }, problem: problem, remedy: remedy))
  }

  func error(_ problem: LabelProblem) -> any Error {
    areImages
      ? ImageError.labels(file: file, row: problem.line, problem: problem.problem, remedy: problem.remedy)
      : parts.located(TableError(file, problem))
  }
}

/// Rows that know the cells their targets are made of.
public protocol CellRows: Dataset {
  var targetCells: TargetCells { get }
}
