import Checkpoints
import Data
import Models
import Tasks
import Tensors
import TestSupport
import Testing

/// The tags of a text as a chain, as pytorch-crf computes them in Float64.
@Suite struct ChainGoldenTests {
  private static let folder = "families/tasks/crf"

  /// One of the scenario's batches: rows of words, and the scores of those that are read.
  private struct Case {
    let tensors: SafetensorsFile
    let name: String
    let shape: [Int]
    let batch: Microbatch
    /// Where each word that is read stands among all words.
    let words: [Int]
    let task: TokenClassification

    init(_ tensors: SafetensorsFile, _ name: String) throws {
      (self.tensors, self.name) = (tensors, name)
      let shape = try #require(tensors[name + ".emissions"]?.shape)
      let labels = try tensors.integers(name + ".labels")
      let mask = try tensors.integers(name + ".mask")
      let length = shape[1]
      let rows = (0..<shape[0]).map { row in
        let words = (0..<length).filter { mask[row * length + $0] != 0 }
        return SequenceRows.Row(
          [(ids: [Int32](repeating: 1, count: length), typeIDs: [Int32](repeating: 0, count: length))],
          targets: words.map { Float(labels[row * length + $0]) }, words: words.map { Int32($0) })
      }
      batch = SequenceRows(rows).microbatch(rows: Array(rows.indices), positions: rows.indices)
      words = mask.indices.filter { mask[$0] != 0 }
      self.shape = shape
      task = try TokenClassification(
        HeadDescription(outputs: shape[2], architecture: "BertForTokenClassification", settings: ["crf": true]))
    }

    var tags: Int { shape[2] }

    func scores(_ pass: Pass) throws -> Tensor {
      let all = try tensors.floats(name + ".emissions")
      let between = try ["transitions", "start", "end"].flatMap { try tensors.floats("\(name).\($0)") }
      let scores = pass.tensor([words.count + tags + 2, tags], needsGradient: true)
      _ = scores.values.update(fromContentsOf: words.flatMap { all[$0 * tags..<($0 + 1) * tags] } + between)
      return scores
    }
  }

  private static func cases() throws -> [(Case, facts: [String: Any])] {
    let facts = try #require(Golden.facts(folder)["cases"] as? [String: [String: Any]])
    let tensors = try Golden.tensors(folder, "cases")
    #expect(!facts.isEmpty)
    return try facts.sorted { $0.key < $1.key }.map { (try Case(tensors, $0.key), $0.value) }
  }

  private static func pass(_ batch: Microbatch, _ tape: Tape?) -> Pass {
    Pass(
      engine: Engine(), mode: .training, tape: tape, randomness: Pass.Randomness(seed: 0, step: 0, pass: 0),
      rows: batch.rows)
  }

  @Test("The likelihood of each row, the loss a labelled word and its gradients are pytorch-crf's")
  func losses() throws {
    for (own, facts) in try Self.cases() {
      let tape = Tape()
      let pass = Self.pass(own.batch, tape)
      let scores = try own.scores(pass)
      let losses = own.task.losses(scores, own.batch, pass)
      let weights = try #require(losses.weights)
      let likelihoods = zip(losses.losses.values, weights).map { -Double($0) * Double($1) }
      let wanted = try #require(facts["log_likelihoods"] as? [Double])
      #expect(GoldenRun.largestRelativeError(likelihoods, wanted) < 1e-6, "\(likelihoods)")
      let (sum, total) = (-likelihoods.reduce(0, +), Double(weights.reduce(0, +)))
      let loss = try #require(facts["loss_per_token"] as? Double)
      #expect(abs(sum / total - loss) < 1e-6 * loss)
      losses.losses.seedGradient(1 / Float(total), weights: weights)
      tape.backward()
      let slot = scores.gradientSlot().pointer
      let emissions = try own.tensors.floats(own.name + ".grad_emissions")
      var expected = own.words.flatMap { emissions[$0 * own.tags..<($0 + 1) * own.tags] }
      for name in ["transitions", "start", "end"] {
        expected += try own.tensors.floats("\(own.name).grad_\(name)")
      }
      let largest = expected.map(abs).max() ?? 0
      let error = expected.indices.map { abs(slot[$0] - expected[$0]) }.max() ?? .infinity
      #expect(expected.count == scores.count && error < 1e-5 * largest, "\(own.name): \(error)")
    }
  }

  @Test("The tags are those of the best path, and the probabilities of a word sum to 1")
  func best() throws {
    for (own, _) in try Self.cases() {
      let pass = Self.pass(own.batch, nil)
      let answers = own.task.answers(try own.scores(pass), own.batch)
      let width = own.task.answerWidth
      #expect(width == own.tags + 1 && answers.count == own.words.count * width)
      let path = try own.tensors.integers(own.name + ".best_path")
      for (place, word) in own.words.enumerated() {
        let numbers = answers[place * width..<(place + 1) * width]
        #expect(Int(numbers.last ?? -1) == Int(path[word]))
        #expect(abs(numbers.dropLast().reduce(0, +) - 1) < 1e-12)
      }
    }
  }
}
