import Data
import Testing

struct LabelSchemeTests {
  private func table(_ labels: [String], name: String = "t.tsv") throws -> Table {
    let folder = try TemporaryFolder()
    let content = "text\tlabel\n" + labels.map { "x\t\($0)\n" }.joined()
    return try Table(file: try folder.write(content, to: name), columns: ColumnMapping(text: "text"))
  }

  @Test("Whole numbers are the classes themselves, even if some are missing")
  func integers() throws {
    let table = try table(["2", "0", "2"])
    let scheme = try LabelScheme(of: table, classes: 3)
    #expect(scheme == .integers(classes: 3))
    #expect(try scheme.classes(of: table) == [2, 0, 2])
    #expect(scheme.names == nil)
  }

  @Test("Names are numbered in their order, and validation data uses the training data's numbers")
  func names() throws {
    let scheme = try LabelScheme(of: try table(["neutral", "bad", "good", "bad"]), classes: 3)
    #expect(scheme.names == ["bad", "good", "neutral"])
    #expect(try scheme.classes(of: try table(["neutral", "neutral", "good"])) == [2, 2, 1])
  }

  @Test(
    "A label out of range is named with its row and the number of classes", arguments: ["2", "-1", "9999999999999"])
  func outOfRange(label: String) throws {
    let table = try table(["0", "1", label])
    let scheme = try LabelScheme(of: table, classes: 2)
    let expected = TableError.labelOutOfRange(file: table.file, line: 4, label: label, classes: 2)
    #expect(throws: expected) { try scheme.classes(of: table) }
    #expect(
      expected.description
        == "\(table.file): line 4: label \"\(label)\" is not in 0 ..< 2: correct it, or set model.labels")
  }

  @Test("More names than classes are refused at the first name too many")
  func tooMany() throws {
    let table = try table(["a", "b", "a", "c"])
    #expect(throws: TableError.tooManyLabels(file: table.file, line: 5, label: "c", classes: 2)) {
      try LabelScheme(of: table, classes: 2)
    }
  }

  @Test("A name that the training data does not have is refused")
  func unknown() throws {
    let table = try table(["a", "z"])
    #expect(throws: TableError.unknownLabel(file: table.file, line: 3, label: "z", names: ["a", "b"])) {
      try LabelScheme.names(["a", "b"], classes: 2).classes(of: table)
    }
  }
}
