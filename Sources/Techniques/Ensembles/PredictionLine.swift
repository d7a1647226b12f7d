import Data
import Support

/// One row of a file of predictions, as it is written.
struct PredictionLine {
  /// What it says next to its numbers.
  enum Saying {
    /// One of its classes.
    case label(String)
    /// One of its own options.
    case option(String)
    case labels([String], thresholds: [Double]?)
    case values
    case words(RowWords)

    /// The same for what one model says of rows.
    var kind: Int {
      switch self {
      case .label: 0
      case .option: 1
      case .labels: 2
      case .values: 3
      case .words: 4
      }
    }
  }

  /// From 0.
  var index: Int
  var id: String
  var saying: Saying
  var numbers: [Double]
  /// Of the numbers; nil where the line does not name its classes.
  var names: [String]?
  var truth: Int?
}

// MARK: - JSON

extension PredictionLine {
  /// The lines of JSON objects: one a line, or all in one array.
  /// - Throws: `EnsembleError` that names the line.
  static func lines(json bytes: [UInt8], file: String) throws -> [PredictionLine] {
    if bytes.first(where: { !$0.isBlank }) == UInt8(ascii: "[") {
      guard case .array(let values)? = try? JSONParser.parse(bytes, keepsDigits: true) else {
        throw EnsembleError(file, nil, "is not JSON", "give the file that predict wrote")
      }
      return try values.enumerated().map { try PredictionLine($1, index: $0, file: file) }
    }
    return try bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated().compactMap {
      index, text in
      guard !text.allSatisfy(\.isBlank) else { return nil }
      return try PredictionLine(try? JSONParser.parse(Array(text), keepsDigits: true), index: index, file: file)
    }
  }

  private init(_ json: JSONValue?, index: Int, file: String) throws {
    let reader = Reader(file: file, index: index)
    guard let json, let members = json.members, let id = Self.scalar(json["id"]) else { throw reader.noForm }
    (self.index, self.id) = (index, id)
    if json["tags"] != nil {
      let words = try WordLine(json, file: file, index: index)
      (saying, numbers, names) = (.words(words.words), words.numbers, words.names)
      return
    }
    if json["probabilities"] == nil, json["n_best"] != nil { throw reader.ofAnswers }
    guard let probabilities = json["probabilities"] else {
      let values = try reader.values(members)
      (saying, names, numbers) = (.values, values.map(\.name), values.map(\.value))
      return
    }
    numbers = try reader.numbers(probabilities, "probabilities")
    if let labels = json["labels"] {
      guard let classes = json["classes"] else { throw reader.noForm }
      let thresholds = try json["thresholds"].map { try reader.numbers($0, "thresholds") }
      saying = .labels(try reader.names(labels, "labels"), thresholds: thresholds)
      names = try reader.names(classes, "classes")
      return
    }
    guard let label = Self.scalar(json["label"]) else { throw reader.noForm }
    if let options = json["options"] {
      (saying, names) = (.option(label), try reader.names(options, "options"))
      return
    }
    (saying, names) = (.label(label), try json["classes"].map { try reader.names($0, "classes") })
    if case .integer(let number)? = json["truth"] { truth = number }
  }

  private static func scalar(_ json: JSONValue?) -> String? {
    switch json {
    case .string(let text): text
    case .integer(let number): String(number)
    case .unsigned(let number): String(number)
    case .number(let number): String(number)
    default: nil
    }
  }

  /// Reads members of one line.
  private struct Reader {
    let file: String
    let index: Int

    var noForm: EnsembleError {
      EnsembleError(
        file, index, "is not an object with id, label and probabilities, or with id and a value",
        "give the file that predict wrote")
    }

    var ofAnswers: EnsembleError {
      EnsembleError(
        file, index, "holds answers in a text, of which no probabilities are written to be averaged",
        "put the models' weights together with lockstep average")
    }

    private func notNumbers(_ key: String) -> EnsembleError {
      EnsembleError(file, index, "has \(key) that are not numbers", "leave this model out, or predict again")
    }

    func numbers(_ json: JSONValue, _ key: String) throws -> [Double] {
      guard case .array(let values) = json else { throw noForm }
      let numbers = values.compactMap(\.anyNumber)
      guard numbers.count == values.count else { throw notNumbers(key) }
      return numbers
    }

    func names(_ json: JSONValue, _ key: String) throws -> [String] {
      guard case .array(let values) = json, case let names = values.compactMap(scalar), names.count == values.count
      else {
        throw EnsembleError(file, index, "has \(key) that are no list of names", "give the file that predict wrote")
      }
      return names
    }

    /// The only number of a line by its name, or those of `values`.
    func values(_ members: [JSONValue.Member]) throws -> [(name: String, value: Double)] {
      let own = members.filter { !["id", "truth", "scores"].contains($0.key) }
      guard own.count == 1, let only = own.first, !["label", "labels"].contains(only.key) else { throw noForm }
      let given = only.key == "values" ? only.value.members : [only]
      guard let given, !given.isEmpty else { throw noForm }
      return try given.map { member in
        if let number = member.value.anyNumber { return (member.key, number) }
        if case .null = member.value { throw notNumbers("values") }
        throw noForm
      }
    }
  }
}
