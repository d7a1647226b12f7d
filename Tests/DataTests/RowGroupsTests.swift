import Data
import Testing

@Suite("Groups of rows")
struct RowGroupsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func groups(_ content: String, _ column: String, _ options: TableOptions = TableOptions()) throws -> RowGroups
  {
    try RowGroups(
      TableFiles(folder.write(content, to: "t.tsv")), column: column, key: "data.split.group", limit: nil,
      options: options)
  }

  @Test("are rows with the same bytes in a column, by its name or by its number")
  func numbers() throws {
    let text = "text\tlabel\tuser\na\t0\tx\nb\t\ty\nc\t1\tx\nd\t1\t\ne\t1\te\u{301}\nf\t1\t\u{E9}\n"
    let groups = try groups(text, "user")
    #expect(groups.numbers == [0, 1, 0, 2, 3, 4] && groups.count == 5)
    #expect(try self.groups(text, "1", TableOptions(hasHeader: false)).numbers == [0, 1, 2, 3, 3, 3, 3])
  }

  @Test("need a column, which the error names as the recipe does")
  func missing() {
    let error = #expect(throws: TableError.self) { try groups("text\tlabel\na\t0\n", "user") }
    #expect(
      error?.description
        == "\(folder.path)/t.tsv: has no column \"user\" (columns: \"text\", \"label\"); name one of these in"
        + " data.split.group")
  }
}
