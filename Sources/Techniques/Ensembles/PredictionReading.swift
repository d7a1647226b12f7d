import Data
import Support

extension Predictions {
  /// Reads a file of predictions: `.csv` or `.tsv` with the header `id`, `label` and a column a class, or else JSON objects, one a
  /// line or in one array, of `id`, `label` (the most probable class), `probabilities`, `classes` (their names) and perhaps
  /// `truth`, the number of the true class.
  ///
  /// - Throws: `EnsembleError`, or `FileError` where the file cannot be read.
  public init(contentsOfFile path: String) throws {
    let bytes = try FileReader.bytes(of: path)
    let lines =
      switch try? PredictionFormat(file: path) {
      case .csv: try Self.lines(table: DelimitedTable(bytes, separator: .comma, file: path))
      case .tsv: try Self.lines(table: DelimitedTable(bytes, separator: .tab, file: path))
      default: try Self.lines(json: bytes, file: path)
      }
    try self.init(lines, source: path)
  }

  /// One row as its file has it.
  private struct Line {
    /// From 0.
    var index: Int
    var id: String
    var label: String
    var probabilities: [Double]
    var classes: [String]?
    var truth: Int?
  }

  private init(_ lines: [Line], source: String) throws {
    guard let first = lines.first else {
      throw EnsembleError(source, nil, "has no rows", "give the file that predict wrote")
    }
    guard let classes = first.classes else {
      let labels = try Self.labels(of: lines, source: source)
      let rows = lines.map { Row(id: $0.id, probabilities: $0.probabilities, truth: $0.truth) }
      try self.init(rows, labels: labels, source: source)
      return
    }
    let rows = try lines.map { line in try Self.row(line, as: classes, source: source) }
    try self.init(rows, labels: classes, areClassesNamed: true, source: source)
  }

  /// A row in the order of the first line's classes, which other lines may have in another order.
  private static func row(_ line: Line, as classes: [String], source: String) throws -> Row {
    guard let own = line.classes else {
      throw EnsembleError(
        source, line.index, "does not name its classes, and the first line does", "write it again with lockstep predict"
      )
    }
    guard own.count == line.probabilities.count else {
      throw EnsembleError(
        source, line.index, "has \(line.probabilities.count) probabilities and \(own.count) classes",
        "give the file that predict wrote")
    }
    guard own.contains(line.label) else {
      throw EnsembleError(
        source, line.index, "has the label \(line.label.debugDescription), which is not one of its classes",
        "give the file that predict wrote")
    }
    if own == classes { return Row(id: line.id, probabilities: line.probabilities, truth: line.truth) }
    guard let places = ClassJoin.places(of: classes, in: own) else {
      throw EnsembleError(
        source, line.index, "has the classes \(named(own)), and the first line \(named(classes))",
        "use predictions of models with the same classes")
    }
    let truth = try line.truth.map { truth in
      guard let place = places.firstIndex(of: truth) else {
        throw EnsembleError(
          source, line.index, "has the truth \(truth) of \(own.count) classes", "give the number of its class")
      }
      return place
    }
    return Row(id: line.id, probabilities: places.map { line.probabilities[$0] }, truth: truth)
  }

  /// What rows call the class of the largest probability, by its place.
  /// - Throws: `EnsembleError` where two rows call the same place by two names, or two places by the same.
  private static func labels(of lines: [Line], source: String) throws -> [String?] {
    var labels = [String?](repeating: nil, count: lines[0].probabilities.count)
    for line in lines {
      guard let best = line.probabilities.largestIndex, best < labels.count else { continue }
      // Of equal probabilities any may be the one that was named.
      guard line.probabilities.count(where: { $0 == line.probabilities[best] }) == 1 else { continue }
      let other =
        labels[best].map { $0 == line.label ? nil : (best, $0) }
        ?? labels.firstIndex(of: line.label).map { ($0, line.label) }
      if let (place, name) = other, place != best || name != line.label {
        throw EnsembleError(
          source, line.index,
          "calls class \(best) \(line.label.debugDescription), and a line before calls class \(place) "
            + name.debugDescription, "write it again with lockstep predict, which names the classes")
      }
      labels[best] = line.label
    }
    return labels
  }
}

// MARK: - JSON

extension Predictions {
  private static func lines(json bytes: [UInt8], file: String) throws -> [Line] {
    if bytes.first(where: { !isBlank($0) }) == UInt8(ascii: "[") {
      guard case .array(let values)? = try? JSONParser.parse(bytes) else {
        throw EnsembleError(file, nil, "is not JSON", "give the file that predict wrote")
      }
      return try values.enumerated().map { try line($1, index: $0, file: file) }
    }
    return try bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated().compactMap {
      index, text in
      guard !text.allSatisfy(isBlank) else { return nil }
      return try line(try? JSONParser.parse(Array(text)), index: index, file: file)
    }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0D ~= byte }

  private static func line(_ json: JSONValue?, index: Int, file: String) throws -> Line {
    guard let json, let id = scalar(json["id"]), let label = scalar(json["label"]),
      case .array(let values)? = json["probabilities"]
    else {
      throw EnsembleError(
        file, index, "is no object with id, label and probabilities", "give the file that predict wrote")
    }
    let probabilities = try values.map { value in
      switch value {
      case .integer(let number): return Double(number)
      case .number(let number): return number
      default:
        throw EnsembleError(
          file, index, "has probabilities that are not numbers", "leave this model out, or predict again")
      }
    }
    var truth: Int?
    if case .integer(let number)? = json["truth"] { truth = number }
    return Line(
      index: index, id: id, label: label, probabilities: probabilities,
      classes: try json["classes"].map { try classes($0, index: index, file: file) }, truth: truth)
  }

  private static func classes(_ json: JSONValue, index: Int, file: String) throws -> [String] {
    guard case .array(let values) = json, case let names = values.compactMap(scalar), names.count == values.count else {
      throw EnsembleError(file, index, "has classes that are no list of names", "give the file that predict wrote")
    }
    return names
  }

  private static func scalar(_ json: JSONValue?) -> String? {
    switch json {
    case .string(let text): text
    case .integer(let number): String(number)
    case .number(let number): String(number)
    default: nil
    }
  }
}

// MARK: - Tables

extension Predictions {
  private static func lines(table: DelimitedTable) throws -> [Line] {
    guard table.header.count > 2, table.header.starts(with: ["id", "label"]) else {
      throw EnsembleError(
        table.file, 0, "is no header of id, label and a column a class", "give the file that predict wrote")
    }
    let classes = PredictionText.classes(of: Array(table.header[2...]))
    return try table.records.map { record in
      let numbers = record.fields[2..<(2 + classes.count)].compactMap(Double.init)
      guard numbers.count == classes.count else {
        throw EnsembleError(
          table.file, record.line - 1, "has probabilities that are not numbers",
          "leave this model out, or predict again")
      }
      return Line(
        index: record.line - 1, id: record.fields[0], label: record.fields[1], probabilities: numbers, classes: classes)
    }
  }
}
