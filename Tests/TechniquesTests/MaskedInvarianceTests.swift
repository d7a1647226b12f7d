import Recipes
import Tasks
import Testing

/// A masked language model on any number of ranks and microbatches: its rows weigh as many tokens as a step masks in them.
@Suite struct MaskedInvarianceTests {
  static let masked: TaskInvarianceTests.Case = {
    let tokenizer = try! MaskedTexts.tokenizer()
    // Of very different lengths.
    let texts = try! MaskedTexts.dataset(MaskedTexts.texts(22) { $0 % 5 == 0 ? 14 : 1 + $0 % 6 }, tokenizer, length: 16)
    let task = try! MaskedTexts.task(tokenizer, length: 16, ["probability": 0.3])
    return TaskInvarianceTests.Case(
      name: "masked-lm", task: task, rows: try! task.rows(texts, for: .training(seed: 9)))
  }()

  static let techniques = TaskInvarianceTests.techniques.filter { !$0.contains("multi") } + ["ema: {decay: 0.9}"]

  @Test("Losses and weights are the same however a batch is cut", arguments: techniques)
  func layouts(techniques: String) throws {
    let whole = try Self.masked.train(ranks: 1, microbatches: 1, techniques: techniques)
    #expect(whole.losses.allSatisfy(\.isFinite) && whole.validation.allSatisfy(\.isFinite), "\(whole.validation)")
    for (ranks, microbatches) in [(1, 4), (1, 20), (2, 2), (4, 1), (3, 5)] {
      let run = try Self.masked.train(ranks: ranks, microbatches: microbatches, techniques: techniques)
      let place = "\(ranks) ranks, \(microbatches) microbatches"
      #expect(zip(run.losses, whole.losses).allSatisfy { abs($0 - $1) < 1e-5 * max(1, abs($1)) }, "\(place)")
      let difference = zip(run.weights, whole.weights).map { abs($0 - $1) }.max() ?? .infinity
      #expect(difference < 2e-5, "\(place): \(difference)")
    }
  }

  @Test("Ordered sums give the same bits on any number of ranks, of measures too", arguments: techniques)
  func bits(techniques: String) throws {
    let one = try Self.masked.train(ranks: 1, microbatches: 5, techniques: techniques)
    for ranks in 2...4 {
      #expect(try Self.masked.train(ranks: ranks, microbatches: 5, techniques: techniques) == one, "\(ranks) ranks")
    }
  }

  @Test("A mean of the microbatches' means would be another loss")
  func means() throws {
    let rows = Self.masked.rows.drawn(at: 0)
    let weights = (0..<20).map { Double(rows.weight($0)) }
    let halves = [weights[..<10].reduce(0, +), weights[10...].reduce(0, +)]
    #expect(halves[0] != halves[1])
  }

  @Test("Several dropout samples of a head are refused: a language model's has none")
  func samples() throws {
    #expect(throws: RecipeError.self) {
      try Self.masked.parts(microbatches: 1, techniques: "multi_sample_dropout: {average: losses}")
    }
  }
}
