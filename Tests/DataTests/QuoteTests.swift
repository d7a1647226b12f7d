import Data
import Testing

struct QuoteTests {
  private let columns = ColumnMapping(text: "text")

  private func table(_ content: String, _ quotes: TableOptions.Quotes = .auto, name: String = "t.tsv") throws -> Table {
    let folder = try TemporaryFolder()
    return try Table(
      file: folder.write(content, to: name), columns: columns, options: TableOptions(quotes: quotes))
  }

  @Test("A TSV whose quotes all close as RFC 4180 has it is read as quoted")
  func quoted() throws {
    let content =
      "text\tlabel\r\n\"a \"\"b\"\"\tc\"\t1\r\nplain \"x\" \t0\r\n\"two\r\nlines\"\t\"1\"\r\n\r\n\"\"\t0\r\n"
    let table = try table(content)
    #expect(table.quoting == .assumedQuoted)
    #expect(table.rows.map(\.text) == ["a \"b\"\tc", "plain \"x\" ", "two\r\nlines", ""])
    #expect(table.rows.map(\.label) == ["1", "0", "1", "0"])
    #expect(table.rows.map(\.line) == [2, 3, 4, 7])
  }

  /// Files of GLUE, in which quotes are letters.
  static let literal = [
    // A quote that opens a text, and is not closed.
    "text\tlabel\n\"never closed\t1\nfine\t0\n",
    // Two such quotes, which would swallow the rows between them.
    "text\tlabel\n\"opens here\t1\nmiddle\t0\nends here\"\t1\n\"opens\t0\n",
    "text\tlabel\nx\t1\n\"opens\t1\nmiddle\t0\n\"\t1\n",
    // Words that follow a closing quote, and a lone quote among quoted texts.
    "text\tlabel\n\"Well\" , he said\t1\nfine\t0\n",
    "text\tlabel\n\"all closed\"\t1\n\"not\t0\n",
  ]

  @Test("A TSV in which one quote does not close so keeps every byte", arguments: literal)
  func letters(content: String) throws {
    let table = try table(content)
    #expect(table.quoting == .assumedLiteral)
    let lines = content.split(separator: "\n").dropFirst().map { $0.split(separator: "\t")[0] }
    #expect(table.rows.map(\.text) == lines.map(String.init))
    #expect(try self.table(content, .none).rows == table.rows)
  }

  @Test("A TSV without a quote at the beginning of a field decides nothing")
  func plain() throws {
    #expect(try table("text\tlabel\nit 's \"fine\" \t1\nx\t0\n").quoting == .plain)
    #expect(try table("text\tlabel\nx\t1\n").quoting == .plain)
  }

  @Test("What the recipe says is done without a question")
  func explicit() throws {
    let content = "text\tlabel\n\"closed\"\t1\nx\t0\n"
    #expect(try table(content).rows[0].text == "closed")
    #expect(try table(content, .none).rows[0].text == "\"closed\"")
    #expect(try table(content, .none).quoting == .plain)
    #expect(try table(content, .rfc4180).rows[0].text == "closed")
    #expect(throws: TableError.self) { try table(Self.literal[0], .rfc4180) }
    let csv = "text,label\n\"a\",1\n\"b\",0\n"
    #expect(try table(csv, name: "t.csv").rows.map(\.text) == ["a", "b"])
    #expect(try table(csv, .none, name: "t.csv").rows.map(\.text) == ["\"a\"", "\"b\""])
  }
}
