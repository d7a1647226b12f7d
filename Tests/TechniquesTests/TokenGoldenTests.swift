import Checkpoints
import Data
import Foundation
import Layers
import Models
import Tasks
import Techniques
import Tensors
import TestSupport
import Testing
import Training

/// Token classification as transformers and PyTorch compute it in Float64.
@Suite struct TokenGoldenTests {
  private static let scenario = "tasks/token-classification"

  private var task: TokenClassification {
    get throws {
      try TokenClassification(HeadDescription(outputs: 5, architecture: "BertForTokenClassification"))
    }
  }

  @Test("Scores of every token are those of transformers")
  func forward() throws {
    let (model, _, labelled) = try GoldenFamily.classifier(Self.scenario, task: task)
    guard case .tokens(let tokens) = labelled.input else { preconditionFailure("rows of tokens") }
    var batch = labelled
    batch.words = LabelledWords(tokens: tokens.ids.indices.map { Int32($0) }, borders: tokens.offsets)
    #expect(try GoldenFamily.scoreError(model, batch, Self.scenario) < 1e-5)
  }

  @Test("The loss of the first batch and its gradients are PyTorch's, and not a mean of the rows' means")
  func backward() throws {
    let batch = try GoldenBatch(Self.scenario, task: task)
    #expect(abs(batch.mean - batch.wanted) < 1e-5 * batch.wanted)
    let other = try #require(batch.facts["wrong_loss_of_batch_0_as_mean_of_microbatches_of_2_rows"] as? Double)
    #expect(abs(batch.mean - other) > 1e-3)
    #expect(batch.wrong.isEmpty, "\(batch.wrong)")
  }

  @Test("Five steps of AdamW give PyTorch's losses and weights, however a batch is cut", arguments: [1, 2, 3, 6])
  func steps(microbatch: Int) throws {
    let run = try GoldenFamily(Self.scenario, task: task, microbatch: { _ in microbatch }, configure: { _ in })
    let deviations = try run.deviations()
    #expect(deviations.isEmpty, "\(deviations)")
  }

  @Test("R-Drop compares the labelled tokens, with gradient to both forwards")
  func rDrop() throws {
    for drop in try DropCase.all(of: ".labelled", choose: { label, _ in label >= 0 }) {
      for side in drop.sides { drop.add(drop.task.losses(side, drop.batch, drop.pass), 0.5) }
      drop.add(drop.task.divergence(drop.sides[0], drop.sides[1], drop.batch, drop.pass), drop.alpha)
      try drop.expectLossAndGradients()
    }
  }

  @Test("R-Drop of all tokens leaves padding out alone, and is divided by them")
  func rDropOfAllTokens() throws {
    for drop in try DropCase.all(of: ".real", choose: { _, mask in mask != 0 }) {
      let context = StepContext(
        step: 0, epoch: 0, labels: [-1], weights: [Float(drop.labelled)],
        wordLabels: { [labels = drop.labels] in labels })
      let term = RDrop(alpha: drop.alpha, tokens: .all, task: drop.task).term(
        drop.sides[0], drop.sides[1], drop.batch, context, share: 1, drop.pass)
      for side in drop.sides { drop.add(drop.task.losses(side, drop.batch, drop.pass), 0.5) }
      drop.add(RowLosses(term.losses, weights: term.weights), Double(term.factor))
      try drop.expectLossAndGradients()
    }
  }
}

/// A case of R-Drop over the tokens of a row: some of them, under the scores of two forwards.
private final class DropCase {
  let task: TokenClassification
  let batch: Microbatch
  let pass: Pass
  let sides: [Tensor]
  let alpha: Double
  /// Of the chosen tokens, -1 where one has none.
  let labels: [Int32]
  private let name: String
  private let tensors: SafetensorsFile
  private let tokens: [Int]
  private let classes: Int
  private let wanted: Double
  private let tape = Tape()
  private var loss = 0.0

  /// - Parameter choose: whether a token is taken, by its label and mask.
  static func all(of ending: String, choose: (_ label: Int, _ mask: Int) -> Bool) throws -> [DropCase] {
    let folder = "families/techniques/r-drop"
    let cases = try #require(Golden.facts(folder)["cases"] as? [String: Any]).compactMapValues { $0 as? [String: Any] }
    let names = cases.keys.filter { $0.hasPrefix("tokens.") && $0.hasSuffix(ending) }.sorted()
    #expect(!names.isEmpty)
    return try names.map { name in
      try DropCase(
        name, String(name.dropLast(ending.count)), cases[name] ?? [:], Golden.tensors(folder, "cases"), choose)
    }
  }

  private init(
    _ name: String, _ stem: String, _ facts: [String: Any], _ tensors: SafetensorsFile, _ choose: (Int, Int) -> Bool
  ) throws {
    let all = try tensors.integers(stem + ".labels").map { Int($0) }
    let mask = try tensors.integers(stem + ".mask").map { Int($0) }
    let classes = try #require(tensors[stem + ".logits1"]?.shape.last)
    let tokens = all.indices.filter { choose(all[$0], mask[$0]) }
    batch = SequenceRows([
      SequenceRows.Row(
        [(ids: tokens.map { _ in 1 }, typeIDs: tokens.map { _ in 0 })],
        targets: tokens.map { all[$0] < 0 ? .nan : Float(all[$0]) }, words: tokens.indices.map { Int32($0) })
    ]).microbatch(rows: [0], positions: 0..<1)
    let pass = Pass(
      engine: Engine(), mode: .training, tape: tape, randomness: Pass.Randomness(seed: 0, step: 0, pass: 0),
      rows: batch.rows)
    sides = try ["logits1", "logits2"].map { side in
      let all = try tensors.floats("\(stem).\(side)")
      let tensor = pass.tensor([tokens.count, classes], needsGradient: true)
      _ = tensor.values.update(fromContentsOf: tokens.flatMap { all[$0 * classes..<($0 + 1) * classes] })
      return tensor
    }
    task = try TokenClassification(HeadDescription(outputs: classes, architecture: "BertForTokenClassification"))
    alpha = try #require(facts["alpha"] as? Double)
    wanted = try #require(facts["loss"] as? Double)
    labels = tokens.map { Int32(all[$0]) }
    (self.name, self.tensors, self.tokens, self.classes, self.pass) = (name, tensors, tokens, classes, pass)
  }

  /// The tokens that have a label.
  var labelled: Int { labels.count { $0 >= 0 } }

  /// Adds losses, over the labelled tokens, to that of the case.
  func add(_ losses: RowLosses, _ factor: Double) {
    let weights = losses.weights ?? []
    losses.losses.seedGradient(Float(factor / Double(labelled)), weights: weights)
    let sum = zip(losses.losses.values, weights).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    loss += factor * sum / Double(labelled)
  }

  func expectLossAndGradients() throws {
    tape.backward()
    #expect(abs(loss - wanted) < 1e-5 * wanted, "\(name): \(loss)")
    for (side, key) in zip(sides, ["grad1", "grad2"]) {
      let all = try tensors.floats("\(name).\(key)")
      let expected = tokens.flatMap { all[$0 * classes..<($0 + 1) * classes] }
      let slot = side.gradientSlot().pointer
      let error = expected.indices.map { abs(slot[$0] - expected[$0]) }.max() ?? .infinity
      #expect(error < 1e-4 * (expected.map(abs).max() ?? 0), "\(name).\(key)")
    }
  }
}
