import Foundation
import Techniques
import Testing

/// A competition's sample file, filled.
@Suite struct SubmissionTemplateTests {
  private let rows = [
    PredictedRow(id: "b", label: "spam", probabilities: [0.25, 0.75]),
    PredictedRow(id: "a", label: "ham", probabilities: [0.5, 0.5]),
  ]

  private func fill(
    _ text: String, as name: String = "sample.csv", id: String? = nil, classes: [String] = ["ham", "spam"],
    positive: String? = nil, rows: [PredictedRow]? = nil
  ) throws -> String {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try text.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
      let template = try SubmissionTemplate(contentsOfFile: folder + "/" + name, id: id)
      return try template.filled(with: rows ?? self.rows, classes: classes, positive: positive)
    }
  }

  @Test("its ids, order and columns stay; classes get probabilities, one other column the label")
  func contents() throws {
    #expect(try fill("Id,Category\na,x\nb,x\n") == "Id,Category\na,ham\nb,spam\n")
    #expect(try fill("Id,spam,ham\r\nb,0,0\r\na,0,0\r\n") == "Id,spam,ham\nb,0.75,0.25\na,0.5,0.5\n")
    #expect(try fill("Id,spam\nb,0\na,0\n") == "Id,spam\nb,0.75\na,0.5\n")
    #expect(try fill("Id\tCategory\nb\t\na\t\n", as: "sample.tsv") == "Id\tCategory\nb\tspam\na\tham\n")
    #expect(try fill("Category,Id\n,a\n,b\n", id: "Id") == "Category,Id\nham,a\nspam,b\n")
    #expect(try fill("Id,Target\na,0\nb,0\n", positive: "spam") == "Id,Target\na,0.5\nb,0.75\n")
  }

  @Test("ids are compared by their bytes")
  func bytes() throws {
    let rows = [
      PredictedRow(id: "\u{E9}", label: "spam", probabilities: [0.25, 0.75]),
      PredictedRow(id: "e\u{301}", label: "ham", probabilities: [0.5, 0.5]),
    ]
    let text = try fill("Id,Category\ne\u{301},\n\u{E9},\n", rows: rows)
    #expect(Array(text.utf8) == Array("Id,Category\ne\u{301},ham\n\u{E9},spam\n".utf8))
  }

  @Test("classes that are only numbered are the numbers that competitions write")
  func numbered() throws {
    let classes = ["LABEL_0", "LABEL_1"]
    let rows = [PredictedRow(id: "892", label: "LABEL_1", probabilities: [0.25, 0.75])]
    #expect(
      try fill("PassengerId,Survived\n892,0\n", classes: classes, rows: rows) == "PassengerId,Survived\n892,1\n")
    #expect(try fill("id,1,0\n892,0,0\n", classes: classes, rows: rows) == "id,1,0\n892,0.75,0.25\n")
    #expect(try fill("id,y\n892,0\n", classes: classes, positive: "1", rows: rows) == "id,y\n892,0.75\n")
  }

  @Test(
    "ids and columns that do not fit are refused by name",
    arguments: [
      ("Id,Category\na,\nb,\nc,\n", #"has id "c""#), ("Id,Category\na,\n", #"has no id "b""#),
      ("Id,Category\na,\nb,\na,\n", "line 4, has id a a second time"),
      ("Id,spam,eggs\na,0,0\nb,0,0\n", #"has the column "eggs", which is not a class"#),
      ("Id\na\nb\n", "has one column"),
    ])
  func refusals(text: String, problem: String) throws {
    let error = #expect(throws: EnsembleError.self) { try fill(text) }
    #expect(error?.description.contains(problem) == true, "\(String(describing: error))")
  }

  @Test("a class to fill with must be one, and there must be a column for it")
  func positive() throws {
    for (text, name) in [("Id,Target\na,0\nb,0\n", "eggs"), ("Id,spam\na,0\nb,0\n", "spam")] {
      let error = #expect(throws: EnsembleError.self) { try fill(text, positive: name) }
      #expect(error?.description.hasPrefix("--positive") == true)
    }
    #expect(throws: EnsembleError.self) { try fill("{}", as: "sample.jsonl") }
  }
}
