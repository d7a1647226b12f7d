import Foundation
import Techniques
import Testing
import Training

/// Files of predictions, written and read.
@Suite struct PredictionFileTests {
  private func read(_ text: String, as name: String = "predictions.jsonl") throws -> Predictions {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try text.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
      return try Predictions(contentsOfFile: folder + "/" + name)
    }
  }

  private func refusal(_ text: String, as name: String = "predictions.jsonl") -> String {
    let error = #expect(throws: EnsembleError.self) { try read(text, as: name) }
    return error?.description ?? ""
  }

  @Test(
    "a file without names of classes is read with what it calls the most probable ones; a bad line is refused by number",
    arguments: [
      (#"{"id":5,"label":"no","probabilities":[0.9,0.1]}"#, nil),
      (#"{"id":"4","label":"no","probabilities":[0.9,0.1]}"#, "has id 4 a second time"),
      (#"{"id":5,"label":"no","probabilities":[0.9,0.3]}"#, "line 2, has probabilities that sum to 1.2"),
      (#"{"id":5,"label":"no","probabilities":[1]}"#, "line 2, has 1 probabilities, not 2"),
      (#"{"id":5,"label":"no","probabilities":[null,null]}"#, "line 2, has probabilities that are not numbers"),
      (#"{"id":5,"label":"no","#, "line 2, is not an object with id, label and probabilities"),
      (#"{"id":5,"label":"no","probabilities":[0.9,0.1],"truth":2}"#, "line 2, has the truth 2 of 2 classes"),
      (#"{"id":5,"label":"yes","probabilities":[0.9,0.1]}"#, #"line 2, calls class 0 "yes", and a line before calls"#),
      (#"{"id":5,"label":"no","probabilities":[0.2,0.8]}"#, #"line 2, calls class 1 "no", and a line before calls"#),
      (#"{"id":5,"label":"no","probabilities":[0.9,0.1],"classes":["no","yes"]}"#, nil),
    ])
  func unnamed(line: String, problem: String?) throws {
    let text = #"{"id":4,"label":"yes","probabilities":[0.2,0.8],"truth":1}"# + "\n" + line + "\n"
    if let problem {
      #expect(refusal(text).contains(problem))
    } else {
      let predictions = try read(text)
      #expect(predictions.labels == ["no", "yes"] && !predictions.areClassesNamed)
      #expect(predictions.rows.map(\.truth) == [1, nil])
    }
  }

  @Test("a byte order mark is passed over, and long numbers are ids as they are written")
  func marksAndLongIDs() throws {
    let lines = ["12345678901234567890", "12345678901234567891"].map {
      #"{"id":\#($0),"label":"yes","probabilities":[0.25,0.75],"classes":["no","yes"]}"#
    }
    let table = "id,label,no,yes\n12345678901234567890,yes,0.25,0.75\n12345678901234567891,yes,0.25,0.75\n"
    for (text, name) in [
      (lines.joined(separator: "\n"), "p.jsonl"), ("[" + lines.joined(separator: ",") + "]", "p.json"),
      (table, "p.csv"),
    ] {
      for mark in ["", "\u{FEFF}"] {
        #expect(try read(mark + text, as: name).rows.map(\.id) == ["12345678901234567890", "12345678901234567891"])
      }
    }
  }

  @Test("lines that name their classes may have them in any order, and a truth with them")
  func namedLines() throws {
    let first = #"{"id":"a","label":"yes","probabilities":[0.25,0.75],"classes":["no","yes"]}"#
    let second = #"{"id":"b","label":"yes","probabilities":[0.75,0.25],"classes":["yes","no"],"truth":0}"#
    for text in [first + "\n" + second, "[\(first),\n\(second)]"] {
      let predictions = try read(text)
      #expect(predictions.labels == ["no", "yes"] && predictions.areClassesNamed)
      #expect(predictions.rows.map(\.probabilities) == [[0.25, 0.75], [0.25, 0.75]])
      #expect(predictions.rows.map(\.truth) == [nil, 1])
    }
    #expect(
      refusal(first + "\n" + second.replacing("no", with: "not")).contains(#"line 2, has the classes "yes", "not""#))
    #expect(refusal(first + "\n" + #"{"id":"b","label":"yes","probabilities":[0,1]}"#).contains("does not name"))
    #expect(refusal(first.replacing(#""label":"yes""#, with: #""label":"YES""#)).contains(#"label "YES""#))
    #expect(refusal(first.replacing(#"["no","yes"]"#, with: #"["yes","yes"]"#)).contains("in two places"))
    #expect(refusal(first.replacing(#"["no","yes"]"#, with: #"["yes"]"#)).contains("2 probabilities and 1 classes"))
  }

  /// Names that need quotes, and ids as competitions have them.
  private static let rows = [
    PredictedRow(id: "007", label: "a, b", probabilities: [0.1, 0.9]),
    PredictedRow(id: "12", label: "say \"x\"", probabilities: [1, 0]),
    PredictedRow(id: "é\t\"\n", label: "a, b", probabilities: [1e-9, 1 - 1e-9]),
  ]
  private static let classes = ["say \"x\"", "a, b"]

  @Test("what is written is read back, in every format", arguments: PredictionFormat.allCases)
  func roundTrip(format: PredictionFormat) throws {
    let rows = format == .tsv ? Self.rows.dropLast() : Self.rows[...]
    let text = PredictionText(format, classes: Self.classes).text(Array(rows))
    let read = try read(text, as: "p." + format.rawValue)
    #expect(read.rows.map(\.id) == rows.map(\.id) && read.labels == Self.classes && read.areClassesNamed)
    #expect(read.rows.map(\.probabilities) == rows.map(\.probabilities))
  }

  @Test("tables are quoted as RFC 4180 has it, and JSON keeps ids: numbers as numbers, all others as texts")
  func forms() throws {
    let rows = Array(Self.rows.prefix(2))
    #expect(
      PredictionText(.csv, classes: Self.classes).text(rows)
        == "id,label,\"say \"\"x\"\"\",\"a, b\"\n007,\"a, b\",0.1,0.9\n12,\"say \"\"x\"\"\",1.0,0.0\n")
    let lines = PredictionText(.jsonl, classes: ["p", "q"]).text(rows).split(separator: "\n")
    #expect(lines[0] == #"{"id": "007", "label": "a, b", "probabilities": [0.1, 0.9], "classes": ["p", "q"]}"#)
    #expect(lines[1].hasPrefix(#"{"id": 12, "#))
  }

  @Test("columns of scores are no classes, and a table without its header is refused")
  func scores() throws {
    let answer = Answer(class: "n", probabilities: [0.75, 0.25], of: ["n", "y"])
    let row = AnswerText.Row(id: "1", answer: answer, scores: [2, -1])
    let text = AnswerText.text([row], as: .csv, columns: ["label", "n", "y"], names: ["n", "y"])
    #expect(text == "id,label,n,y,score:n,score:y\n1,n,0.75,0.25,2.0,-1.0\n")
    #expect(try read(text, as: "p.csv").labels == ["n", "y"])
    #expect(refusal("1,n,0.75,0.25\n", as: "p.csv").contains("line 1, is not a header"))
    #expect(
      refusal("id,label,n,y\n1,n,0.75,x\n", as: "p.csv").contains("line 2, has probabilities that are not numbers"))
  }

  @Test("rows of unequal numbers of options have a column for each score that a row has")
  func unequalScores() throws {
    let rows = [[0.75, 0.25], [0.5, 0.25, 0.25]].enumerated().map { row, probabilities in
      AnswerText.Row(
        id: String(row),
        answer: Answer(
          option: "A", probabilities: probabilities, of: ["A", "B", "C"].dropLast(3 - probabilities.count)),
        scores: probabilities.indices.map(Double.init))
    }
    let text = AnswerText.text(rows, as: .csv, columns: ["label", "A", "B", "C", "D"], names: ["LABEL_0"])
    #expect(
      text == "id,label,A,B,C,score:A,score:B,score:C\n0,A,0.75,0.25,,0.0,1.0,\n1,A,0.5,0.25,0.25,0.0,1.0,2.0\n")
    #expect(try read(text, as: "p.csv").rows.map(\.probabilities.count) == [2, 3])
  }

  @Test("the ending of a name is the format; any other is refused")
  func endings() throws {
    for (name, format) in [
      ("a.jsonl", PredictionFormat.jsonl), ("b/a.JSON", .jsonl), ("a.b.csv", .csv), ("a.tsv", .tsv),
    ] {
      #expect(try PredictionFormat(file: name) == format)
    }
    for name in ["a", "a.txt", "a.csv/b", "csv", "/dev/null"] {
      #expect(throws: EnsembleError.self) { try PredictionFormat(file: name) }
    }
  }
}
