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
    let facts = try Golden.facts("families/" + Self.scenario)
    let wanted = try #require((facts["losses"] as? [Double])?.first)
    let (mean, gradients) = try GoldenFamily.backward(Self.scenario, task: task)
    #expect(abs(mean - wanted) < 1e-5 * wanted)
    let other = try #require(facts["wrong_loss_of_batch_0_as_mean_of_microbatches_of_2_rows"] as? Double)
    #expect(abs(mean - other) > 1e-3)
    let wrong = try GoldenFamily.wrongGradients(
      gradients, Self.scenario, file: "gradients", zeros: facts["zero_gradients"] as? [String] ?? [])
    #expect(wrong.isEmpty, "\(wrong)")
  }

  @Test("Five steps of AdamW give PyTorch's losses and weights, however a batch is cut", arguments: [1, 2, 3, 6])
  func steps(microbatch: Int) throws {
    let run = try GoldenFamily(Self.scenario, task: task, microbatch: { _ in microbatch }, configure: { _ in })
    let deviations = try run.deviations()
    #expect(deviations.isEmpty, "\(deviations)")
  }

  @Test("R-Drop compares the labelled tokens, with gradient to both forwards")
  func rDrop() throws {
    let folder = "families/techniques/r-drop"
    let cases = try #require(Golden.facts(folder)["cases"] as? [String: Any])
    let tensors = try Golden.tensors(folder, "cases")
    let names = cases.keys.filter { $0.hasPrefix("tokens.") && $0.hasSuffix(".labelled") }.sorted()
    #expect(!names.isEmpty)
    for name in names {
      let facts = try #require(cases[name] as? [String: Any])
      let stem = String(name.dropLast(".labelled".count))
      let labels = try tensors.integers(stem + ".labels").map { Int($0) }
      let classes = try #require(tensors[stem + ".logits1"]?.shape.last)
      let words = labels.indices.filter { labels[$0] >= 0 }
      let batch = SequenceRows([
        SequenceRows.Row(
          [(ids: labels.map { _ in 1 }, typeIDs: labels.map { _ in 0 })], targets: words.map { Float(labels[$0]) },
          words: words.map { Int32($0) })
      ]).microbatch(rows: [0], positions: 0..<1)
      let task = try TokenClassification(HeadDescription(outputs: classes, architecture: "BertForTokenClassification"))
      let tape = Tape()
      let pass = Pass(
        engine: Engine(), mode: .training, tape: tape, randomness: Pass.Randomness(seed: 0, step: 0, pass: 0),
        rows: batch.rows)
      let sides = try ["logits1", "logits2"].map { side in
        let all = try tensors.floats("\(stem).\(side)")
        let tensor = pass.tensor([words.count, classes], needsGradient: true)
        _ = tensor.values.update(fromContentsOf: words.flatMap { all[$0 * classes..<($0 + 1) * classes] })
        return tensor
      }
      let alpha = try #require(facts["alpha"] as? Double)
      var loss = 0.0
      func add(_ losses: RowLosses, _ factor: Double) throws {
        let weights = try #require(losses.weights)
        losses.losses.seedGradient(Float(factor) / Float(words.count), weights: weights)
        loss += factor * losses.losses.values.reduce(0.0) { $0 + Double($1) } / Double(words.count)
      }
      for side in sides { try add(task.losses(side, batch, pass), 0.5) }
      try add(task.divergence(sides[0], sides[1], batch, pass), alpha)
      tape.backward()
      let wanted = try #require(facts["loss"] as? Double)
      #expect(abs(loss - wanted) < 1e-5 * wanted, "\(name): \(loss)")
      for (side, key) in zip(sides, ["grad1", "grad2"]) {
        let all = try tensors.floats("\(name).\(key)")
        let expected = words.flatMap { all[$0 * classes..<($0 + 1) * classes] }
        let slot = side.gradientSlot().pointer
        let error = expected.indices.map { abs(slot[$0] - expected[$0]) }.max() ?? .infinity
        #expect(error < 1e-4 * (expected.map(abs).max() ?? 0), "\(name).\(key)")
      }
    }
  }

  @Test("R-Drop of all tokens leaves padding out alone, and is divided by them")
  func rDropOfAllTokens() throws {
    let folder = "families/techniques/r-drop"
    let cases = try #require(Golden.facts(folder)["cases"] as? [String: Any]).compactMapValues { $0 as? [String: Any] }
    let tensors = try Golden.tensors(folder, "cases")
    let names = cases.keys.filter { $0.hasPrefix("tokens.") && $0.hasSuffix(".real") }.sorted()
    #expect(!names.isEmpty)
    for name in names {
      let stem = String(name.dropLast(".real".count))
      let labels = try tensors.integers(stem + ".labels").map { Int32($0) }
      let mask = try tensors.integers(stem + ".mask")
      let classes = try #require(tensors[stem + ".logits1"]?.shape.last)
      let tokens = mask.indices.filter { mask[$0] != 0 }
      let labelled = Double(tokens.count { labels[$0] >= 0 })
      let rows = SequenceRows([
        SequenceRows.Row(
          [(ids: tokens.map { _ in 1 }, typeIDs: tokens.map { _ in 0 })],
          targets: tokens.map { labels[$0] < 0 ? .nan : Float(labels[$0]) }, words: tokens.indices.map { Int32($0) })
      ])
      let batch = rows.microbatch(rows: [0], positions: 0..<1)
      let task = try TokenClassification(HeadDescription(outputs: classes, architecture: "BertForTokenClassification"))
      let tape = Tape()
      let pass = Pass(
        engine: Engine(), mode: .training, tape: tape, randomness: Pass.Randomness(seed: 0, step: 0, pass: 0),
        rows: batch.rows)
      let sides = try ["logits1", "logits2"].map { side in
        let all = try tensors.floats("\(stem).\(side)")
        let tensor = pass.tensor([tokens.count, classes], needsGradient: true)
        _ = tensor.values.update(fromContentsOf: tokens.flatMap { all[$0 * classes..<($0 + 1) * classes] })
        return tensor
      }
      let context = StepContext(
        step: 0, epoch: 0, labels: [-1], weights: [Float(labelled)], wordLabels: { tokens.map { labels[$0] } })
      let drop = RDrop(alpha: try #require(cases[name]?["alpha"] as? Double), tokens: .all, task: task)
      let divergence = drop.term(sides[0], sides[1], batch, context, share: 1, pass)
      let entropies = sides.map { task.losses($0, batch, pass) }
      var loss = 0.0
      func add(_ losses: Tensor, _ weights: [Float], _ factor: Double) {
        losses.seedGradient(Float(factor / labelled), weights: weights)
        let sum = zip(losses.values, weights).reduce(0.0) { sum, pair in sum + Double(pair.0) * Double(pair.1) }
        loss += factor * sum / labelled
      }
      for entropy in entropies { add(entropy.losses, entropy.weights ?? [], 0.5) }
      add(divergence.losses, divergence.weights ?? [], Double(divergence.factor))
      tape.backward()
      let wanted = try #require(cases[name]?["loss"] as? Double)
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
}
