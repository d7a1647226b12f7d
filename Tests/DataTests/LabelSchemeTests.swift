import Data
import Testing

struct LabelSchemeTests {
  private func table(_ labels: [String]) throws -> Table {
    let folder = try TemporaryFolder()
    let content = "text\tlabel\n" + labels.map { "x\t\($0)\n" }.joined()
    return try Table(file: try folder.write(content, to: "t.tsv"), columns: ColumnMapping(text: "text"))
  }

  /// The message behind the file's name.
  private func refusal(_ labels: [String], classes: Int? = nil) throws -> String? {
    let table = try table(labels)
    let error = #expect(throws: TableError.self) { try LabelScheme(of: table, labels: classes) }
    return error.map { String($0.description.dropFirst(table.file.count)) }
  }

  /// Labels, the number of classes that is expected, the scheme, and the class of each label.
  static let schemes: [([String], Int?, LabelScheme, [Int32])] = [
    (["1", "0", "1"], nil, .integers(classes: 2), [1, 0, 1]),
    (["2", "0", "1"], nil, .integers(classes: 3), [2, 0, 1]),
    // Some may be missing where the number of classes is known.
    (["2", "0", "2"], 3, .integers(classes: 3), [2, 0, 2]),
    (["2", "0", "2"], nil, .names(["0", "2"]), [1, 0, 1]),
    // Stars, and the labels of SVMs; whole numbers are in the order of the numbers.
    (["5", "1", "3", "2", "4"], nil, .names(["1", "2", "3", "4", "5"]), [4, 0, 2, 1, 3]),
    (["5", "1", "3", "2", "4"], 5, .names(["1", "2", "3", "4", "5"]), [4, 0, 2, 1, 3]),
    (["-1", "1", "+1"], nil, .names(["-1", "1"]), [0, 1, 1]),
    (["9", "10", "100"], nil, .names(["9", "10", "100"]), [0, 1, 2]),
    // Numbers with a point are classes if they are whole.
    (["1.0", "0.0", "1"], nil, .integers(classes: 2), [1, 0, 1]),
    (["5.000", "3.000"], nil, .names(["3", "5"]), [1, 0]),
    // Codes keep their zeros.
    (["0010", "0020"], nil, .names(["0010", "0020"]), [0, 1]),
    // Words are in the order of their UTF-8.
    (["neutral", "bad", "good", "bad"], nil, .names(["bad", "good", "neutral"]), [2, 0, 1, 0]),
    (["b", "a"], 2, .names(["a", "b"]), [1, 0]),
    (["1", "other"], nil, .names(["1", "other"]), [0, 1]),
    // What Swift reads as numbers are words.
    (["nan", "inf", "0x1"], nil, .names(["0x1", "inf", "nan"]), [2, 1, 0]),
  ]

  @Test("Labels become classes as they ask for", arguments: schemes)
  func inferred(labels: [String], expected: Int?, scheme: LabelScheme, classes: [Int32]) throws {
    let table = try table(labels)
    let found = try LabelScheme(of: table, labels: expected)
    #expect(found == scheme)
    #expect(try found.classes(of: table) == classes)
  }

  @Test("Labels that are written with other scalars are two classes, however alike they look")
  func canonicallyEquivalent() throws {
    let (one, two) = ("caf\u{E9}", "cafe\u{301}")
    let table = try table([one, two, "tea", two])
    let scheme = try LabelScheme(of: table, labels: nil)
    #expect(scheme.names?.map { Array($0.utf8) } == [two, one, "tea"].map { Array($0.utf8) })
    #expect(try scheme.classes(of: table) == [1, 0, 2, 0])
    let counts = LabelCounts(of: table).entries
    #expect(counts.map(\.rows) == [1, 2, 1])
    // A label that no class is called is an error, and not the class that it looks like.
    #expect(LabelSource.scheme(of: [one, "tea"], for: [two]).place(of: two) == nil)
  }

  @Test("Validation data uses the training data's numbers, however it writes them")
  func validation() throws {
    let scheme = try LabelScheme(of: try table(["neutral", "bad", "good"]), labels: nil)
    #expect(try scheme.classes(of: try table(["neutral", "neutral", "good"])) == [2, 2, 1])
    let stars = try LabelScheme(of: try table(["1", "2", "5"]), labels: nil)
    #expect(try stars.classes(of: try table(["5.0", "2"])) == [2, 1])
  }

  @Test("A validation label that training does not have is refused with its line")
  func unknown() throws {
    let table = try table(["good", "goood"])
    let error = #expect(throws: TableError.self) { try LabelScheme.names(["bad", "good"]).classes(of: table) }
    #expect(
      error?.description
        == "\(table.file), line 3: label \"goood\" is not one of the classes \"bad\", \"good\", the nearest is \"good\";"
        + " correct the label, leave the row out, or add training rows of its class")
  }

  @Test(
    "A number that is not a class is refused with its line", arguments: ["2", "-1", "9999999999999", "0.5", "yes"])
  func outOfRange(label: String) throws {
    let table = try table(["0", "1", label])
    let error = #expect(throws: TableError.self) { try LabelScheme.integers(classes: 2).classes(of: table) }
    #expect(
      error?.description
        == "\(table.file), line 4: label \"\(label)\" is not one of the classes 0 to 1; correct the label, leave"
        + " the row out, or add training rows of its class")
  }

  @Test("One wrong label is named, with its line and how rare it is")
  func tooMany() throws {
    #expect(
      try refusal(["0", "1", "0", "1", "7", "0"], classes: 2)
        == ", line 6: label \"7\" (1 row) is one of 3 classes, with \"0\" (3 rows), \"1\" (2 rows), and model.labels is 2;"
        + " correct the label, or set model.labels to 3")
    #expect(try refusal(["a", "b", "a", "b", "c", "c", "zz"], classes: 3)?.contains("line 8: label \"zz\"") == true)
    #expect(try refusal(["0", "1", "posi", "0", "1"], classes: 2)?.contains("line 4: label \"posi\"") == true)
  }

  @Test("Scores are refused, however many classes are expected", arguments: [nil, 2, 5, 500])
  func fractions(classes: Int?) throws {
    let message =
      "label \"4.59\" is not a whole number; write classes as names or whole numbers, or set task.kind to regression"
    #expect(try refusal(["3", "4.59", "2.0"], classes: classes) == ", line 3: \(message)")
    #expect(try refusal(["4.59", "nan", "2.5"], classes: classes) == ", line 2: \(message)")
  }

  @Test("One class is refused", arguments: [nil, 2])
  func single(classes: Int?) throws {
    let message =
      ": every row has the label \"1\", and training needs two classes or more; add rows of another class, raise data.limit, or"
      + " name another column in data.columns.label"
    #expect(try refusal(["1", "1", "1"], classes: classes) == message)
    #expect(try refusal(["1", "1.0", "1"], classes: classes)?.contains("needs two classes") == true)
  }

  /// A model's names, labels, and the scheme that reads them.
  static let models: [([String], [String], LabelScheme)] = [
    (["NEG", "POS"], ["POS", "NEG"], .names(["NEG", "POS"])),
    (["NEG", "POS"], ["1", "0"], .indices(of: ["NEG", "POS"])),
    (["LABEL_0", "LABEL_1"], ["1", "0"], .integers(classes: 2)),
    (["LABEL_0", "LABEL_1"], ["LABEL_1"], .names(["LABEL_0", "LABEL_1"])),
    // Names that are numbers are never places.
    (["1", "2"], ["1", "2"], .names(["1", "2"])),
    (["1", "2"], ["0", "1"], .names(["1", "2"])),
    (["NEG", "POS"], ["1", "POS"], .names(["NEG", "POS"])),
  ]

  @Test("Labels are names of a model's classes, or places among them", arguments: models)
  func readByModel(names: [String], labels: [String], scheme: LabelScheme) {
    #expect(LabelSource.scheme(of: names, for: labels) == scheme)
  }
}
