import Data
import Support

/// A competition's sample file, to be filled with predictions: its ids, their order and its columns stay.
///
///     PassengerId,Survived        id,toxic,clean
///     892,0                       a1,0.5,0.5
///
/// - The ids are in the column that the predictions' ids were read from, or else in the first.
/// - A column that is named as a class gets that class's probability. One other column gets the label; or the probability of
///   a class, where one is given.
/// - Classes that are only numbered (`LABEL_0`, `LABEL_1` …) are the numbers that competitions write.
public struct SubmissionTemplate: Sendable {
  private let table: DelimitedTable
  private let idColumn: Int
  public let format: PredictionFormat

  /// - Parameter id: the column that ids were read from; a template may name it otherwise.
  /// - Throws: `EnsembleError`, or `FileError` where the file cannot be read.
  public init(contentsOfFile path: String, id: String? = nil) throws {
    guard let format = try? PredictionFormat(file: path), format != .jsonl else {
      throw EnsembleError(path, nil, "is not a template by its ending", "give a .csv or .tsv file with a header")
    }
    table = try DelimitedTable(FileReader.bytes(of: path), separator: format == .csv ? .comma : .tab, file: path)
    self.format = format
    guard table.header.count > 1 else {
      throw EnsembleError(path, nil, "has one column", "give the competition's sample, with ids and what is asked for")
    }
    idColumn = id.flatMap(table.header.firstIndex) ?? 0
    var seen = Set<ByteString>()
    for record in table.records where !seen.insert(ByteString(record.fields[idColumn])).inserted {
      throw EnsembleError(
        path, record.line - 1, "has id \(record.fields[idColumn]) a second time", "give every row its own id")
    }
  }

  /// What a column is filled with.
  private enum Content {
    case id
    case label
    case probability(Int)
  }

  /// The template with predictions in its columns, as text in a format.
  /// - Parameter positive: the class whose probability fills a column that is not a class.
  /// - Throws: `EnsembleError` where ids or columns do not fit.
  public func filled(
    with rows: [PredictedRow], classes: [String], positive: String? = nil, as format: PredictionFormat? = nil
  ) throws -> String {
    let contents = try contents(classes: classes, positive: positive)
    let predicted = Dictionary(rows.map { (ByteString($0.id), $0) }) { first, _ in first }
    if predicted.count < rows.count {
      let twice = Dictionary(grouping: rows) { ByteString($0.id) }.filter { $0.value.count > 1 }.keys.map(\.text)
        .sorted()
      throw EnsembleError(
        table.file, nil, "cannot be filled: several predictions have the id \(named(twice))",
        "give every row its own id; --id names their column")
    }
    let missing = table.records.map { $0.fields[idColumn] }.filter { predicted[ByteString($0)] == nil }
    guard missing.isEmpty else {
      throw EnsembleError(
        table.file, nil, "has id \(named(missing)), and no prediction has it",
        "predict the rows of the template; --id names the column of their ids")
    }
    let asked = Set(table.records.map { ByteString($0.fields[idColumn]) })
    let extra = rows.map(\.id).filter { !asked.contains(ByteString($0)) }
    guard extra.isEmpty else {
      throw EnsembleError(
        table.file, nil, "has no id \(named(extra)), and a prediction has it",
        "predict the rows of the template; --id names the column of their ids")
    }
    let numbers = Self.numbers(classes)
    let records = table.records.map { record in
      let row = predicted[ByteString(record.fields[idColumn])]!
      return contents.map { content in
        switch content {
        case .id: row.id
        case .label: numbers[ByteString(row.label)] ?? row.label
        case .probability(let index): "\(row.probabilities[index])"
        }
      }
    }
    let separator: DelimitedTable.Separator = (format ?? self.format) == .tsv ? .tab : .comma
    return TextTable(header: table.header, records: records).text(separator: separator)
  }

  /// The numbers of classes that are only numbered, by their names; empty where they have names.
  private static func numbers(_ classes: [String]) -> [ByteString: String] {
    guard classes == classes.indices.map({ "LABEL_\($0)" }) else { return [:] }
    return Dictionary(uniqueKeysWithValues: classes.enumerated().map { (ByteString($1), String($0)) })
  }

  private func contents(classes: [String], positive: String?) throws -> [Content] {
    let numbers = Self.numbers(classes)
    func place(_ name: String) -> Int? {
      classes.firstIndex { $0.hasSameBytes(as: name) || numbers[ByteString($0)] == name }
    }
    let others = table.header.indices.filter { $0 != idColumn && place(table.header[$0]) == nil }
    let columns = table.header.count - 1
    guard others.isEmpty || columns == 1 else {
      throw EnsembleError(
        table.file, 0, "has the column \(named(others.map { table.header[$0] })), which is not a class",
        "columns may be the ids, the classes (\(named(classes, most: 20))) or one column for the label")
    }
    let chosen = try positive.map { name in
      guard !others.isEmpty else {
        throw EnsembleError(
          "--positive", nil, "is given, and every column of \(table.file) is a class", "leave it out")
      }
      guard let place = place(name) else {
        throw EnsembleError(
          "--positive", nil, "is \(name.debugDescription), which is not a class",
          "give one of \(named(classes, most: 20))")
      }
      return place
    }
    return table.header.enumerated().map { index, name in
      if index == idColumn { return .id }
      return place(name).map(Content.probability) ?? chosen.map(Content.probability) ?? .label
    }
  }
}
