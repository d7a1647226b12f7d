import Lockstep
import Models
import Tensors
import TestSupport
import Testing

/// Similarity on any number of ranks and microbatches, with dropout and each technique that goes with it.
@Suite struct SimilarityInvarianceTests {
  typealias Case = TaskInvarianceTests.Case

  private static func pairs(
    isRepeated: Bool = false, haveNegatives: Bool = false, _ name: String, _ settings: [String: Any]
  ) -> Case {
    let stream = RandomStream(seed: 13, purpose: .initialization)
    func draw(_ index: Int, _ bound: Int) -> Int { Int(stream.integer(below: UInt32(bound), index: UInt64(index))) }
    func sequence(_ row: Int, _ part: Int) -> (ids: [Int32], typeIDs: [Int32]) {
      let ids = (0..<3 + draw(row * 97 + part, 9)).map { Int32(draw(row * 997 + part * 31 + $0, 40)) }
      return (ids, ids.map { _ in 0 })
    }
    let rows = (0..<22).map { row in
      SequenceRows.Row(
        [sequence(row, 0), sequence(row, isRepeated ? 0 : 1)]
          + (haveNegatives ? (0..<row % 4).map { sequence(row, 2 + $0) } : []),
        targets: [Float(draw(row + 900, 11)) / 2], weight: 1)
    }
    return Case(
      name: name, task: try! Similarity(HeadDescription(outputs: 0, settings: settings)), rows: SequenceRows(rows),
      measures: settings["loss"] as? String == "infonce" ? ["mrr", "recall@1", "recall@5"] : [])
  }

  static let cosine = pairs("cosine", ["loss": "cosine", "range": [0.0, 5.0]])
  static let wholeBatch = [
    pairs("infonce", ["loss": "infonce", "temperature": 0.3]),
    pairs("symmetric infonce", ["loss": "infonce", "temperature": 0.3, "symmetric": true]),
    pairs("cosent", ["loss": "cosent", "temperature": 0.3]),
    pairs(haveNegatives: true, "negatives", ["loss": "infonce", "temperature": 0.3, "symmetric": true]),
    pairs(isRepeated: true, "a text twice", ["loss": "infonce", "temperature": 0.3]),
  ]

  static let runs: [(Case, String)] =
    TaskInvarianceTests.techniques.filter { !$0.contains("multi") }.map { (cosine, $0) }
    + wholeBatch.flatMap { own in
      ["", "fgm: {epsilon: 0.5}", "awp: {epsilon: 0.02, start_epoch: 0}", "{pgd: {epsilon: 0.4, steps: 2}, ema: {}}"]
        .map { (own, $0) }
    }

  @Test("Losses and weights are the same however a batch is cut", arguments: runs)
  func layouts(task: Case, techniques: String) throws {
    let whole = try task.expectSameAtEveryCut(techniques)
    #expect(whole.losses.allSatisfy { $0 > 0 }, "\(whole.losses)")
  }

  @Test("Ordered sums give the same bits on any number of ranks", arguments: runs)
  func bits(task: Case, techniques: String) throws {
    try task.expectSameBits(techniques)
  }

  @Test("What compares rows alone is refused next to a loss of the whole batch")
  func refused() throws {
    for (techniques, problem) in [
      ("r_drop: {}", "techniques.r_drop compares rows alone"),
      ("multi_sample_dropout: {}", "techniques.multi_sample_dropout samples the dropout of a head"),
      ("self_distillation: {}", "techniques.self_distillation compares rows alone"),
      ("fgm: {scope: microbatch}", "techniques.fgm has the scope microbatch"),
      ("pgd: {scope: example}", "techniques.pgd has the scope example"),
    ] {
      let error = #expect(throws: RecipeError.self) {
        try Self.wholeBatch[0].parts(microbatches: 1, techniques: techniques)
      }
      #expect(error?.description.contains(problem) == true, "\(error as Any)")
    }
  }
}
