import Data
import Support

extension Predictions {
  /// Reads a file of predictions: `.csv` or `.tsv` as `PredictionTable` has them, or else JSON objects, one a line or in one
  /// array, as `PredictionForm` has them, perhaps with `truth`, the number of the true class.
  ///
  /// - Throws: `EnsembleError`, or `FileError` where the file cannot be read.
  public init(contentsOfFile path: String) throws {
    let bytes = try FileReader.bytes(of: path)
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let separator: DelimitedTable.Separator? =
      switch try? PredictionFormat(file: path) {
      case .csv: .comma
      case .tsv: .tab
      default: nil
      }
    guard let separator else {
      let json = bytes.starts(with: mark) ? Array(bytes[3...]) : bytes
      try self.init(PredictionLine.lines(json: json, file: path), joint: nil, source: path)
      return
    }
    let table = try PredictionTable(DelimitedTable(bytes, separator: separator, file: path))
    try self.init(table.lines, joint: table.joint, source: path)
  }

  /// - Parameter joint: what stands between labels in cells of the table; nil where the lines are of none.
  private init(_ lines: [PredictionLine], joint: String?, source: String) throws {
    guard let first = lines.first else {
      throw EnsembleError(source, nil, "has no rows", "give the file that predict wrote")
    }
    if let other = lines.first(where: { $0.saying.kind != first.saying.kind }) {
      throw EnsembleError(
        source, other.index, "is of another form than the first line", "give what predict wrote with one model")
    }
    guard let names = first.names else {
      let labels = try Self.labels(of: lines, source: source)
      let rows = lines.map { Row(id: $0.id, probabilities: $0.numbers, truth: $0.truth) }
      try self.init(rows, labels: labels, source: source)
      return
    }
    let form: PredictionForm =
      switch first.saying {
      case .label: .classes
      case .option: .options
      case .labels(_, let given):
        .labels(thresholds: try Self.thresholds(given, of: first, source), joint: joint ?? ",")
      case .values: .values
      case .words: .words
      }
    let rows = try lines.map { line in
      form == .options ? try Self.row(ofOptions: line, source) : try Self.row(line, as: names, form, source)
    }
    try self.init(
      rows, labels: form == .options ? [] : names, areClassesNamed: true, form: form, isTable: joint != nil,
      source: source)
  }

  private static func row(ofOptions line: PredictionLine, _ source: String) throws -> Row {
    let options = line.names ?? []
    try check(line, names: options, source)
    return Row(id: line.id, probabilities: line.numbers, options: options)
  }

  /// A row in the order of the first line's names, which other lines may have in another order.
  private static func row(
    _ line: PredictionLine, as names: [String], _ form: PredictionForm, _ source: String
  ) throws -> Row {
    guard let own = line.names else {
      throw EnsembleError(
        source, line.index, "does not name its classes, and the first line does", "write it again with lockstep predict"
      )
    }
    try check(line, names: own, source)
    let places = own.haveSameBytes(as: names) ? Array(names.indices) : ClassJoin.places(of: names, in: own)
    guard let places else {
      throw EnsembleError(
        source, line.index, "has the \(form.noun) \(named(own)), and the first line \(named(names))",
        "use predictions of models with the same \(form.noun)")
    }
    if case .labels(let given, let thresholds) = line.saying, case .labels(let first, _) = form {
      let thresholds = try Self.thresholds(thresholds, of: line, source)
      guard places.map({ thresholds[$0] }) == first else {
        throw EnsembleError(
          source, line.index, "has other thresholds than the first line", "give what predict wrote with one model")
      }
      try check(given, by: thresholds, line, source)
    }
    let truth = try line.truth.map { truth in
      guard let place = places.firstIndex(of: truth) else {
        throw EnsembleError(
          source, line.index, "has the truth \(truth) of \(own.count) classes", "give the number of its class")
      }
      return place
    }
    let words: RowWords? = if case .words(let words) = line.saying { words } else { nil }
    return Row(id: line.id, probabilities: line.numbers.reordered(by: places), truth: truth, words: words)
  }

  private static func check(_ line: PredictionLine, names: [String], _ source: String) throws {
    let noun = if case .option = line.saying { "options" } else { "classes" }
    if case .words = line.saying { return }
    guard names.count == line.numbers.count else {
      throw EnsembleError(
        source, line.index, "has \(line.numbers.count) probabilities and \(names.count) \(noun)",
        "give the file that predict wrote")
    }
    switch line.saying {
    case .label(let label) where names.place(of: label) == nil, .option(let label) where names.place(of: label) == nil:
      throw EnsembleError(
        source, line.index, "has the label \(label.debugDescription), which is not one of its \(noun)",
        "give the file that predict wrote")
    default: return
    }
  }

  private static func thresholds(_ given: [Double]?, of line: PredictionLine, _ source: String) throws -> [Double] {
    let thresholds = given ?? (line.names ?? []).map { _ in 0.5 }
    guard thresholds.count == line.names?.count, thresholds.allSatisfy({ 0...1 ~= $0 }) else {
      throw EnsembleError(
        source, line.index, "has thresholds that are not a probability for each label",
        "give the file that predict wrote")
    }
    return thresholds
  }

  /// - Throws: `EnsembleError` where the labels of a line are not those that its thresholds give.
  private static func check(
    _ labels: [String], by thresholds: [Double], _ line: PredictionLine, _ source: String
  ) throws {
    let names = line.names ?? []
    let given = names.indices.filter { line.numbers[$0] >= thresholds[$0] }.map { names[$0] }
    guard Set(given.map(ByteString.init)) != Set(labels.map(ByteString.init)) else { return }
    func list(_ names: [String]) -> String { names.isEmpty ? "no labels" : "the labels \(named(names))" }
    throw EnsembleError(
      source, line.index, "has \(list(labels)), and its probabilities give \(list(given))",
      "write it again with lockstep predict as .jsonl, which holds the thresholds of the labels")
  }

  /// What rows call the class of the largest probability, by its place.
  /// - Throws: `EnsembleError` where two rows call the same place by two names, or two places by the same.
  private static func labels(of lines: [PredictionLine], source: String) throws -> [String?] {
    var labels = [String?](repeating: nil, count: lines[0].numbers.count)
    for line in lines {
      guard case .label(let label) = line.saying, let best = line.numbers.largestIndex, best < labels.count else {
        continue
      }
      // Of equal probabilities any may be the one that was named.
      guard line.numbers.count(where: { $0 == line.numbers[best] }) == 1 else { continue }
      let other =
        labels[best].map { $0.hasSameBytes(as: label) ? nil : (best, $0) }
        ?? labels.firstIndex { $0?.hasSameBytes(as: label) == true }.map { ($0, label) }
      if let (place, name) = other, place != best || !name.hasSameBytes(as: label) {
        throw EnsembleError(
          source, line.index,
          "calls class \(best) \(label.debugDescription), and a line before calls class \(place) "
            + name.debugDescription, "write it again with lockstep predict, which names the classes")
      }
      labels[best] = label
    }
    return labels
  }
}
