import Techniques
import Testing

/// Classes of several models, joined by their names, and votes.
@Suite struct ClassJoinTests {
  private func model(
    _ source: String, _ labels: [String?], isNamed: Bool = true, _ rows: [Double]...
  ) throws -> Predictions {
    try Predictions(
      rows.enumerated().map { Predictions.Row(id: "r\($0)", probabilities: $1) }, labels: labels,
      areClassesNamed: isNamed, source: source)
  }

  @Test("a class is the same class wherever it stands")
  func byName() throws {
    let first = try model("a", ["NEG", "POS"], [0.25, 0.75])
    let second = try model("b", ["POS", "NEG"], [0.25, 0.75])
    let rows = try Ensemble([first, second]).average()
    #expect(rows == [PredictedRow(id: "r0", label: "NEG", probabilities: [0.5, 0.5])])
    let three = try Ensemble([
      model("a", ["x", "y", "z"], [0.5, 0.25, 0.25]), model("b", ["z", "x", "y"], [0.5, 0.5, 0]),
    ])
    #expect(try three.average().map(\.probabilities) == [[0.5, 0.125, 0.375]])
    #expect(three.labels == ["x", "y", "z"])
  }

  @Test("classes and ids are joined by their bytes: what only looks alike is another class and another row")
  func byBytes() throws {
    let (one, two) = ("caf\u{E9}", "cafe\u{301}")
    let first = try model("a", [one, two], [0.25, 0.75])
    let second = try model("b", [two, one], [0.25, 0.75])
    let rows = try Ensemble([first, second]).average()
    #expect(rows.map(\.probabilities) == [[0.5, 0.5]])
    #expect(throws: EnsembleError.self) { try Ensemble([first, model("c", [one, "tea"], [0.5, 0.5])]) }
    func named(_ ids: [String], _ probability: Double) throws -> Predictions {
      try Predictions(
        ids.map { Predictions.Row(id: $0, probabilities: [probability, 1 - probability]) }, labels: ["x", "y"],
        areClassesNamed: true, source: "ids")
    }
    let both = try Ensemble([named([one, two], 0.25), named([two, one], 0.75)]).average()
    #expect(both.map { Array($0.id.utf8) } == [one, two].map { Array($0.utf8) })
    #expect(throws: EnsembleError.self) { try Ensemble([named([one], 0.25), named([two], 0.75)]) }
  }

  @Test("other classes are refused with their names")
  func otherClasses() throws {
    let (first, second) = try (model("a", ["NEG", "POS"], [0.25, 0.75]), model("b", ["NEG", "pos"], [0.25, 0.75]))
    let error = #expect(throws: EnsembleError.self) { try Ensemble([first, second]) }
    #expect(error?.description.contains(#"b has the classes "NEG", "pos", and a "NEG", "POS""#) == true)
  }

  @Test(
    "files that do not name their classes are refused where one class stands in two places",
    arguments: [
      (["x", nil], ["x", nil], true), ([nil, nil], ["x", "y"], true), (["x", nil], [nil, "y"], true),
      (["x", nil], [nil, "x"], false), (["x", nil], ["y", nil], false), (["x", "y"], ["y", "x"], false),
    ] as [([String?], [String?], Bool)])
  func unnamed(first: [String?], second: [String?], isTaken: Bool) throws {
    for isNamed in [false, true] where !isNamed || !first.contains(nil) {
      let models = try [
        model("a", first, isNamed: isNamed, [0.5, 0.5]), model("b", second, isNamed: false, [0.5, 0.5]),
      ]
      for models in [models, models.reversed()] {
        if isTaken {
          _ = try Ensemble(models)
        } else {
          let error = #expect(throws: EnsembleError.self) { try Ensemble(models) }
          #expect(error?.description.contains("lockstep predict") == true, "\(String(describing: error))")
        }
      }
    }
  }

  @Test("a vote goes to the class that most models find most probable; a tie to the larger mean, then to the first")
  func vote() throws {
    let classes = ["x", "y", "z"]
    let models = try [
      model("a", classes, [0.4, 0.3, 0.3], [0.4, 0.35, 0.25], [0.5, 0.25, 0.25]),
      model("b", classes, [0.4, 0.3, 0.3], [0.1, 0.8, 0.1], [0.25, 0.5, 0.25]),
      model("c", ["z", "y", "x"], [0.0, 0.9, 0.1], [0.5, 0.2, 0.3], [0.5, 0.25, 0.25]),
    ]
    let three = try Ensemble(models).vote()
    #expect(three.map(\.label) == ["x", "y", "x"])
    #expect(three[0].probabilities == [2.0 / 3, 1.0 / 3, 0])
    // The mean prefers y in the first row.
    #expect(try Ensemble(models).average()[0].label == "y")
    #expect(try Ensemble(models).vote(weights: [1, 1, 3]).map(\.label) == ["y", "z", "z"])
    #expect(try Ensemble(Array(models[..<2])).vote().map(\.label) == ["x", "y", "x"])
    #expect(throws: EnsembleError.self) { try Ensemble(models).vote(weights: [1, 1]) }
  }
}
