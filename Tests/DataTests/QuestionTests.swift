import Data
import Foundation
import Support
import Testing
import Text

@Suite("Questions about texts")
struct QuestionTests {
  private static let columns = ColumnMapping(text: "question", pair: "context", label: "answers")

  private func rows(_ text: String, columns: ColumnMapping = Self.columns, limit: Int? = nil) throws -> Table {
    try Table(
      Array(text.utf8), format: .jsonl, columns: columns, limit: limit, options: TableOptions().reading(.spans),
      source: "t.json")
  }

  private static let squad = """
    {
      "version": "v2.0", "x": {"data": [1]},
      "data": [
        {"title": "a } b", "paragraphs": [
          {"context": "The cat sat.", "qas": [
            {"id": "1a", "question": "Who?", "answers": [{"text": "cat", "answer_start": 4}, {"text": "The cat", "answer_start": 0}]},
            {"id": "1b", "question": "Why?", "is_impossible": true, "answers": [], "plausible_answers": [{"text": "sat"}]}]},
          {"context": "No \\"dog\\", ]", "qas": []}]},
        {"paragraphs": [{"context": "猫坐着", "qas": [{"id": 7, "question": "谁？", "answers": [{"text": "猫", "answer_start": 0}]}]}]}
      ],
      "more": 1
    }
    """

  @Test("stand below their contexts in SQuAD and CMRC 2018, under the key data, on any number of lines")
  func nested() throws {
    for text in [Self.squad, Self.squad.split(separator: "\n").joined()] {
      let table = try rows(text)
      #expect(table.rows.map(\.text) == ["Who?", "Why?", "谁？"])
      #expect(table.rows.map(\.pair) == ["The cat sat.", "The cat sat.", "猫坐着"])
      #expect(table.rows.map(\.id) == ["1a", "1b", "7"])
      #expect(table.rows[0].label?.contains("\"text\": \"cat\", \"answer_start\": 4") == true)
      #expect(table.rows[1].label == "[]")
      #expect(table.rows.map(\.line) == (text == Self.squad ? [4, 4, 9] : [1, 1, 1]))
    }
    #expect(try rows(Self.squad, limit: 2).rows.count == 2)
    #expect(try rows(Self.squad, columns: ColumnMapping(text: "", label: nil)).rows.allSatisfy(\.labels.isEmpty))
  }

  @Test("have other keys in older files of CMRC 2018, and are rows of their own in other files")
  func otherForms() throws {
    let older = try rows(
      "[{\"context_id\": \"T\", \"context_text\": \"abc\", \"qas\": [{\"query_text\": \"q\", \"query_id\": \"T_0\","
        + " \"answers\": [\"b\"]}]}]")
    #expect(older.rows.map(\.pair) == ["abc"] && older.rows.map(\.id) == ["T_0"] && older.rows[0].label == "[\"b\"]")
    let flat = "{\"question\": \"q\", \"context\": \"abc\", \"answers\": {\"text\": [\"b\"], \"answer_start\": [1]}}"
    for text in [flat + "\n" + flat, "[\(flat), \(flat)]", "{\"data\": [\(flat),\n\(flat)]}"] {
      let table = try rows(text)
      #expect(table.rows.map(\.pair) == ["abc", "abc"] && table.rows.map(\.text) == ["q", "q"])
      #expect(table.rows[0].label == "{\"text\": [\"b\"], \"answer_start\": [1]}" && table.rows[0].id == nil)
    }
  }

  @Test("are grouped by their contexts")
  func groups() throws {
    let folder = try TemporaryFolder()
    let file = TableFiles(try folder.write(Self.squad, to: "t.json"))
    func groups(_ column: String) throws -> [Int] {
      try RowGroups(file, column: column, key: "data.split.group", limit: nil, options: TableOptions()).numbers
    }
    #expect(try groups("context") == [0, 0, 1] && groups("question") == [0, 1, 2])
  }

  @Test(
    "are refused with file and line",
    arguments: [
      ("{\"data\": [{\"paragraphs\": 7}]}", "t.json, line 1: has \"paragraphs\" that is not a list"),
      ("{\"data\": [\n{\"paragraphs\": [{\"context\": \"a\"}]}]}", "t.json, line 2: has \"qas\" that is not a list"),
      ("{\"data\": [{\"qas\": []}]}", "t.json, line 1: a paragraph has no \"context\" that is a text"),
      (
        "{\"data\": [{\"context\": \"a\", \"qas\": [{\"id\": \"x\"}]}]}",
        "t.json, line 1: question \"x\" has no \"question\" that is a text"
      ),
      (
        "{\"data\": [{\"context\": \"a\", \"qas\": [{\"id\": \"x\", \"question\": \"q\"}]}]}",
        "t.json, line 1: question \"x\" has no answers"
      ),
      ("{\"data\": []}", "t.json: no row follows"), ("{\"data\": [{\"paragraphs\": []}", "t.json, line 1: "),
      ("{\"data\": [7]}", "t.json, line 1: is not a JSON object"), ("{\"data\": ", "t.json, line 1: is not JSON"),
    ])
  func refusals(text: String, message: String) {
    let error = #expect(throws: TableError.self) { try rows(text) }
    #expect(error.map { "\($0)".hasPrefix(message) } == true, "\(error.map { "\($0)" } ?? "")")
  }

  @Test("are refused where they are about so much text that it would not fit")
  func bound() {
    let question = "{\"question\": \"q\", \"answers\": []}"
    let text =
      "[{\"context\": \"\(String(repeating: "a ", count: 1 << 18))\", \"qas\": ["
      + [String](repeating: question, count: 1025).joined(separator: ", ") + "]}]"
    let error = #expect(throws: TableError.self) { try rows(text) }
    #expect(error.map { "\($0)".contains("more than 512 MB") } == true, "\(error.map { "\($0)" } ?? "")")
  }
}
