import Data
import Testing

@Suite("Labels of rows with options")
struct OptionLabelsTests {
  /// The cells of rows of options and a label.
  private func cells(_ rows: [(options: [String], label: String)]) throws -> [String] {
    let folder = try TemporaryFolder()
    let lines = rows.map { "{\"a\": \"x\", \"o\": \($0.options), \"l\": \"\($0.label)\"}\n" }
    let columns = ColumnMapping(text: "a", labels: ["l"], options: ["o"])
    return try Table(file: try folder.write(lines.joined(), to: "t.jsonl"), columns: columns).targetCells.cells
  }

  @Test("texts of options are the options' letters")
  func texts() throws {
    let rows = [
      (["red", "blue"], "blue"), (["blue", "red", "green"], "blue"), (["red", "B", "7"], "7"), (["B", "A"], "A"),
    ]
    #expect(try cells(rows) == ["B", "A", "C", "B"])
  }

  @Test("numbers and letters stay what they are, also where options look like them")
  func names() throws {
    #expect(try cells([(["2", "1"], "1"), (["1", "0"], "0")]) == ["1", "0"])
    #expect(try cells([(["B", "A"], "A"), (["A", "B"], "B")]) == ["A", "B"])
  }

  @Test("a text of no option, or of two, stays, so that the row can be named")
  func strange() throws {
    #expect(try cells([(["red", "blue"], "blue"), (["red", "blue"], "green")]) == ["B", "green"])
    #expect(try cells([(["red", "red"], "red"), (["red", "blue"], "blue")]) == ["red", "B"])
  }
}
