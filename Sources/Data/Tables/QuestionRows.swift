import Support

/// The questions that an object holds below the texts they are asked about, as SQuAD and CMRC 2018 write them:
///
///     {"paragraphs": [{"context": "…", "qas": [{"id": "…", "question": "…", "answers": [{"text": "…", "answer_start": 7}]}]}]}
///
/// A row's text is the question, its pair the context and its label the list of answers, as JSON. Older files of CMRC 2018 have
/// `context_text`, `query_text`, `query_id` and answers that are texts alone.
struct QuestionRows {
  /// Bytes of contexts at most, each as often as something is asked about it: so often it is tokenised.
  static let mostBytes = 1 << 29

  let file: String
  let columns: ColumnMapping
  let linesBefore: Int
  private var bytes = 0

  init(file: String, columns: ColumnMapping, linesBefore: Int) {
    (self.file, self.columns, self.linesBefore) = (file, columns, linesBefore)
  }

  /// Whether the first row of a file is a question, or an object that holds several.
  static func are(in content: [UInt8], file: String) -> Bool {
    var texts = JSONTexts(content, file: file, below: "data")
    guard let first = try? texts.next(), let object = try? JSONParser.parse(Array(content[first.range])) else {
      return false
    }
    if object["paragraphs"] != nil || object["qas"] != nil { return true }
    let answers = object["answers"]
    return object["question"] != nil && object["context"] != nil
      && (answers?["answer_start"] ?? answers?.elements?.first?["answer_start"]) != nil
  }

  /// Nil where the object is a row itself.
  mutating func rows(of object: JSONValue, line: Int) throws(TableError) -> [Table.Row]? {
    guard object["paragraphs"] != nil || object["qas"] != nil else { return nil }
    var rows: [Table.Row] = []
    for paragraph in object["paragraphs"] == nil ? [object] : try list("paragraphs", of: object, line) {
      let context = try self.text("context", "context_text", of: paragraph, "a paragraph", line)
      for question in try list("qas", of: paragraph, line) {
        bytes += context.utf8.count
        guard bytes <= Self.mostBytes else {
          throw .malformed(
            file, line: line, "asks so much about long contexts that they take more than \(Self.mostBytes >> 20) MB",
            remedy: "cut the contexts, or split the file")
        }
        rows.append(try row(question, context, line))
      }
    }
    return rows
  }

  private func row(_ question: JSONValue, _ context: String, _ line: Int) throws(TableError) -> Table.Row {
    let id = (question["id"] ?? question["query_id"]).flatMap { $0.string ?? $0.integer.map(String.init) }
    let name = id.map { "question \(quoted($0))" } ?? "a question"
    let text = try self.text("question", "query_text", of: question, name, line)
    var answers = question["answers"]
    if question["is_impossible"]?.boolean == true { answers = .array([]) }
    guard let answers = columns.labels.isEmpty ? .array([]) : answers else {
      throw .malformed(
        file, line: line, "\(name) has no answers",
        remedy: "write them, with an empty list where the context has none")
    }
    // Rows may be grouped by what they are asked about.
    let isContext = columns.text == "context" && columns.pair == nil
    return Table.Row(
      text: isContext ? context : text, pair: isContext ? nil : context,
      labels: columns.labels.map { _ in JSONLine(answers).description }, id: id ?? "",
      line: linesBefore + line)
  }

  private func list(_ key: String, of object: JSONValue, _ line: Int) throws(TableError) -> [JSONValue] {
    guard let elements = object[key]?.elements else {
      throw .malformed(file, line: line, "has \(quoted(key)) that is not a list", remedy: "write SQuAD's form")
    }
    return elements
  }

  private func text(
    _ key: String, _ older: String, of object: JSONValue, _ name: String, _ line: Int
  ) throws(TableError) -> String {
    guard let text = (object[key] ?? object[older])?.string else {
      throw .malformed(file, line: line, "\(name) has no \(quoted(key)) that is a text", remedy: "write SQuAD's form")
    }
    return text
  }
}
