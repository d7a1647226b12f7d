import Foundation
import Lockstep
import Techniques
import Tensors
import Testing

/// Labels, options and values of several models, read from what `lockstep predict` writes.
@Suite struct EnsembleFormTests {
  private func ensemble(_ files: [(name: String, text: String)]) throws -> Ensemble {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      return try Ensemble(
        files.map { file in
          try file.text.write(toFile: folder + "/" + file.name, atomically: true, encoding: .utf8)
          return try Predictions(contentsOfFile: folder + "/" + file.name)
        })
    }
  }

  private func lines(_ ensemble: Ensemble, _ rows: [PredictedRow]) -> [String] {
    rows.map { AnswerText.line(id: $0.id, ensemble.answer($0)) }
  }

  /// A number from 0 to 1 for a model, a row and a name.
  private func draw(_ model: Int, _ row: Int, _ name: Int) -> Double {
    let stream = RandomStream(seed: 5, purpose: .initialization)
    return Double(stream.integer(below: 100_001, index: UInt64(model * 1000 + row * 10 + name))) / 100_000
  }

  private let names = ["p", "q", "r"]
  private let orders = [[0, 1, 2], [2, 0, 1]]

  /// The rows of a model, in an order of its own, with members that name the numbers in an order of its own.
  private func file(_ model: Int, _ members: (_ row: Int, _ order: [Int]) -> String) -> (name: String, text: String) {
    let rows = model == 0 ? Array(0..<9) : (0..<9).reversed()
    return ("\(model).jsonl", rows.map { "{\"id\": \"r\($0)\", \(members($0, orders[model]))}\n" }.joined())
  }

  private func list(_ order: [Int], _ text: (Int) -> String) -> String {
    "[" + order.map(text).joined(separator: ", ") + "]"
  }

  @Test("values are averaged by their names, in whatever order names and rows stand")
  func values() throws {
    let files = (0..<2).map { model in
      file(model) { row, order in
        "\"values\": {" + order.map { "\"\(names[$0])\": \(draw(model, row, $0) * 1e4)" }.joined(separator: ", ") + "}"
      }
    }
    let both = try ensemble(files)
    let rows = try both.average(weights: [2, 0.5])
    for (row, answer) in rows.enumerated() {
      #expect(answer.id == "r\(row)" && answer.probabilities.count == 3)
      for name in 0..<3 {
        let wanted = (2 * draw(0, row, name) + 0.5 * draw(1, row, name)) / 2.5 * 1e4
        #expect(abs(answer.probabilities[name] - wanted) < 1e-8, "\(row) \(name)")
      }
    }
    #expect(lines(both, rows)[0].hasPrefix("{\"id\": \"r0\", \"values\": {\"p\": "))
    // No sum of values overflows, and a single value keeps its name.
    let large = try ensemble([("a.jsonl", #"{"id": 1, "value": 1e308}"#), ("b.csv", "id,value\n1,1.5e308\n")])
    #expect(try lines(large, large.average()) == [#"{"id": 1, "value": 1.25e+308}"#])
  }

  @Test("labels are given from the mean of their thresholds on, each model's in its own order")
  func labels() throws {
    let thresholds = [[0.2, 0.5, 0.9], [0.6, 0.3, 0.5]]
    let files = (0..<2).map { model in
      file(model) { row, order in
        let given = order.filter { draw(model, row, $0) >= thresholds[model][$0] }
        return "\"labels\": \(list(given) { "\"\(names[$0])\"" }), \"probabilities\": "
          + "\(list(order) { "\(draw(model, row, $0))" }), \"classes\": \(list(order) { "\"\(names[$0])\"" }), "
          + "\"thresholds\": \(list(order) { "\(thresholds[model][$0])" })"
      }
    }
    let both = try ensemble(files)
    for weights in [[1.0, 1], [1, 3]] {
      let (rows, total) = (try both.average(weights: weights), weights[0] + weights[1])
      func mean(_ first: Double, _ second: Double) -> Double { (weights[0] * first + weights[1] * second) / total }
      for (row, answer) in rows.enumerated() {
        let wanted = (0..<3).map { mean(draw(0, row, $0), draw(1, row, $0)) }
        #expect(zip(answer.probabilities, wanted).allSatisfy { abs($0 - $1) < 1e-12 })
        let given = (0..<3).filter { wanted[$0] >= mean(thresholds[0][$0], thresholds[1][$0]) }.map { names[$0] }
        #expect(answer.label == given.joined(separator: ","), "\(row)")
      }
      // Votes: each model's weight for every label that it gives; half of all gives the label.
      for (row, answer) in try both.vote(weights: weights).enumerated() {
        let shares = (0..<3).map { label in
          (0..<2).filter { draw($0, row, label) >= thresholds[$0][label] }.reduce(0) { $0 + weights[$1] } / total
        }
        #expect(answer.probabilities == shares, "\(row)")
        #expect(answer.label == (0..<3).filter { shares[$0] >= 0.5 }.map { names[$0] }.joined(separator: ","))
      }
    }
    let mixed = Set(try both.average().map(\.label))
    #expect(mixed.count > 2, "\(mixed)")
    // Lines without thresholds, and tables, have 0.5; the separator of a table's cells stays.
    let table = "id,labels,p,q,r\n1,p;r,0.5,0.25,0.75\n2,,0.25,0.25,0.25\n"
    let line = #"{"id": 1, "labels": [], "probabilities": [0, 0.25, 0.25], "classes": ["p", "q", "r"]}"#
    let second = #"{"id": 2, "labels": ["q"], "probabilities": [0, 1, 0], "classes": ["p", "q", "r"]}"#
    let plain = try ensemble([("a.csv", table), ("b.jsonl", line + "\n" + second)])
    let rows = try plain.average()
    #expect(rows.map(\.label) == ["r", "q"])
    #expect(
      lines(plain, rows)[0]
        == line.replacing("[]", with: #"["r"]"#).replacing("[0,", with: "[0.25,")
        .replacing("0.25, 0.25]", with: "0.25, 0.5]"))
    #expect(plain.answer(try plain.vote()[0]).cells == ["p;r", "0.5", "0.0", "0.5"])
  }

  @Test("options are averaged and voted for row by row, by their names, also from a table")
  func options() throws {
    func line(_ id: Int, _ label: String, _ numbers: [Double], _ options: String...) -> String {
      "{\"id\": \(id), \"label\": \"\(label)\", \"probabilities\": \(numbers), \"options\": \(options)}\n"
    }
    let first = line(1, "A", [0.75, 0.25], "A", "B") + line(2, "C", [0.25, 0.25, 0.5], "A", "B", "C")
    let second = line(2, "A", [0.125, 0.125, 0.75], "C", "B", "A") + line(1, "B", [0.5, 0.5], "B", "A")
    let table = "id,label,A,B,C\n1,A,0.75,0.25,\n2,C,0.25,0.25,0.5\n"
    for file in [("a.jsonl", first), ("a.csv", table)] {
      let both = try ensemble([file, ("b.jsonl", second)])
      #expect(
        try lines(both, both.average()) == [
          #"{"id": 1, "label": "A", "probabilities": [0.625, 0.375], "options": ["A", "B"]}"#,
          #"{"id": 2, "label": "A", "probabilities": [0.5, 0.1875, 0.3125], "options": ["A", "B", "C"]}"#,
        ])
      #expect(try both.vote(weights: [2, 1]).map(\.label) == ["A", "C"])
      #expect(try both.answerColumns() == ["label", "A", "B", "C"])
    }
    // A table whose rows all have the same number of options fits both forms.
    let full = try ensemble([("a.csv", "id,label,A,B\n1,A,0.75,0.25\n"), ("b.jsonl", line(1, "B", [0, 1], "A", "B"))])
    #expect(try full.average().map(\.label) == ["B"])
    let other = try ensemble([("a.jsonl", first + line(3, "x", [0.75, 0.25], "x", "y"))])
    let error = #expect(throws: EnsembleError.self) { try other.answerColumns() }
    #expect(error?.description.contains("name the output .jsonl") == true)
  }

  /// Files that cannot be put together, and what is said.
  static let refusals: [([(String, String)], String)] = [
    (
      [("a.jsonl", #"{"id": 1, "value": 2}"#), ("b.jsonl", #"{"id": 1, "similarity": 0.5}"#)],
      #"b.jsonl has the values "similarity", and "#
    ),
    (
      [
        ("a.jsonl", #"{"id": 1, "value": 2}"#),
        ("b.jsonl", #"{"id": 1, "label": "x", "probabilities": [1, 0], "classes": ["x", "y"]}"#),
      ], "b.jsonl has classes, and "
    ),
    (
      [
        ("a.jsonl", #"{"id": 1, "labels": ["x"], "probabilities": [1, 0], "classes": ["x", "y"]}"#),
        ("b.jsonl", #"{"id": 1, "label": "x", "probabilities": [1, 0], "classes": ["x", "y"]}"#),
      ], "b.jsonl has classes, and "
    ),
    (
      [
        ("a.jsonl", #"{"id": 1, "labels": ["x"], "probabilities": [1, 0], "classes": ["x", "y"]}"#),
        ("b.jsonl", #"{"id": 1, "labels": ["x"], "probabilities": [1, 0], "classes": ["x", "z"]}"#),
      ], #"b.jsonl has the labels "x", "z", and "#
    ),
    (
      [
        ("a.jsonl", #"{"id": "q7", "label": "A", "probabilities": [1, 0], "options": ["A", "B"]}"#),
        ("b.jsonl", #"{"id": "q7", "label": "A", "probabilities": [1, 0, 0], "options": ["A", "B", "C"]}"#),
      ], #"b.jsonl has the options "A", "B", "C" in the row with id "q7", and "#
    ),
    (
      [
        ("a.jsonl", #"{"id": 1, "values": {"p": 2, "q": 1}}"#), ("b.jsonl", #"{"id": 1, "values": {"p": 2}}"#),
      ], "b.jsonl has 1 values, and "
    ),
    ([("a.jsonl", #"{"id": 1, "value": null}"#)], "a.jsonl, line 1, has values that are not numbers"),
    (
      [("a.jsonl", #"{"id": 1, "label": 1}"#)], "a.jsonl, line 1, is not an object with id, label and probabilities, or"
    ),
    ([("a.jsonl", #"{"id": 1, "entities": [1, 2]}"#)], "a.jsonl, line 1, is not an object with id"),
    ([("a.jsonl", #"{"id": 1, "value": 2, "more": 1}"#)], "a.jsonl, line 1, is not an object with id"),
    ([("a.csv", "id,value\n1,inf\n")], "a.csv, line 1, has values that are not finite"),
    ([("a.csv", "id,value\n1,much\n")], "a.csv, line 2, has values that are not numbers"),
    ([("a.csv", "id,label,A,B\n1,A,,1\n2,A,1,\n")], "a.csv, line 2, has probabilities that are not numbers"),
    (
      [("a.csv", "id,labels,p,q\n1,p,0.4,0.1\n")],
      #"a.csv, line 2, has the labels "p", and its probabilities from 0.5 on are those of none; write it again"#
    ),
    (
      [("a.jsonl", #"{"id": 1, "labels": ["x"], "probabilities": [0.4, 0], "classes": ["x", "y"]}"#)],
      #"a.jsonl, line 1, has the labels "x", and its probabilities give no labels; write it again"#
    ),
    (
      [
        ("a.jsonl", #"{"id": 1, "labels": [], "probabilities": [1.5, 0], "classes": ["x", "y"], "thresholds": [1, 1]}"#)
      ],
      #"a.jsonl, line 1, has no labels, and its probabilities give the labels "x""#
    ),
    (
      [("a.jsonl", #"{"id": 1, "labels": ["x"], "probabilities": [1.5, 0], "classes": ["x", "y"]}"#)],
      "a.jsonl, line 1, has probabilities that are not from 0 to 1"
    ),
    (
      [("a.jsonl", #"{"id": 1, "labels": [], "probabilities": [0, 0], "classes": ["x", "y"], "thresholds": [1]}"#)],
      "a.jsonl, line 1, has thresholds that are not a probability for each label"
    ),
    (
      [
        (
          "a.jsonl",
          #"{"id": 1, "labels": [], "probabilities": [0, 0], "classes": ["x", "y"], "thresholds": [1, 0.5]}"# + "\n"
            + #"{"id": 2, "labels": [], "probabilities": [0, 0], "classes": ["y", "x"], "thresholds": [1, 0.5]}"#
        )
      ], "a.jsonl, line 2, has other thresholds than the first line"
    ),
    (
      [("a.jsonl", #"{"id": 1, "value": 2}"# + "\n" + #"{"id": 2, "label": "x", "probabilities": [1]}"#)],
      "a.jsonl, line 2, is of another form than the first line"
    ),
    (
      [("a.jsonl", #"{"id": 1, "label": "A", "probabilities": [0.5, 0.5], "options": ["A", "A"]}"#)],
      #"a.jsonl, line 1, has the option "A" in two places"#
    ),
    (
      [("a.jsonl", #"{"id": 1, "labels": [], "probabilities": [0], "classes": ["x", "y"]}"#)],
      "a.jsonl, line 1, has 1 probabilities and 2 classes"
    ),
    (
      [("a.jsonl", #"{"id": 1, "label": "D", "probabilities": [0.5, 0.5], "options": ["A", "B"]}"#)],
      #"a.jsonl, line 1, has the label "D", which is not one of its options"#
    ),
  ]

  @Test("files of other tasks, names or options are refused by file and row", arguments: refusals.indices)
  func refused(index: Int) throws {
    let (files, problem) = Self.refusals[index]
    let error = #expect(throws: EnsembleError.self) { try ensemble(files.map { (name: $0.0, text: $0.1) }) }
    // Files stand in a folder of the test.
    let text = (error?.description ?? "").replacing(#/\S*\/(?=[ab]\.)/#, with: "")
    #expect(text.contains(problem), "\(text)")
  }

  @Test("votes for values, and a regression on anything but classes, are refused with what to do")
  func methods() throws {
    let values = try ensemble([("a.jsonl", #"{"id": 1, "value": 2}"#)])
    let vote = #expect(throws: EnsembleError.self) { try values.vote() }
    #expect(vote?.description.contains("leave it out: values are averaged") == true)
    let labels = try ensemble([
      ("a.jsonl", #"{"id": 1, "labels": ["x"], "probabilities": [1, 0], "classes": ["x", "y"], "truth": [1, 0]}"#)
    ])
    for (models, noun) in [(values.models, "values"), (labels.models, "labels")] {
      let error = #expect(throws: EnsembleError.self) { try Stacking.check(models) }
      #expect(error?.description.contains("leave it out: \(noun) are averaged") == true)
    }
  }
}
