import Checkpoints
import Data
import Layers
import Models
import Tensors
import TestSupport
import Testing

/// One batch through BERT and back, as transformers computes it.
@Suite struct BertGoldenTests {
  private struct Case {
    let model: TextClassifier
    let state: ModelState
    let microbatch: Microbatch
    /// The rows' attended places among the padded ones: rows of `width`.
    let places: [Int]
    let loss: Double

    init() throws {
      let scenario = "bert-forward-backward"
      let facts = try Golden.facts(scenario)
      let json = try #require(facts["config"] as? [String: Any])
      model = TextClassifier(try EncoderFamilies.read(json, source: scenario), labels: 3)
      state = ModelState(model, seed: 0)
      let initial = try Golden.tensors(scenario, "initial")
      for slice in state.layout.slices { try initial.read(slice.name, into: #require(state.weights[slice.name])) }
      let inputs = try Golden.tensors(scenario, "inputs")
      let mask = try inputs.integers("attention_mask")
      let width = try #require(inputs["attention_mask"]).shape[1]
      let ids = try inputs.integers("input_ids")
      let types = try inputs.integers("token_type_ids")
      let labels = try inputs.integers("labels").map { Int32($0) }
      let places = mask.indices.filter { mask[$0] != 0 }
      let offsets = (0...labels.count).map { row in Int32(places.count { $0 < row * width }) }
      self.places = places
      loss = try #require(facts["loss"] as? Double)
      microbatch = Microbatch(
        input: .tokens(
          TokenBatch(
            ids: places.map { Int32(ids[$0]) }, typeIDs: places.map { Int32(types[$0]) },
            positions: places.map { Int32($0 % width) }, offsets: offsets)),
        labels: labels, rows: labels.indices.map { Int32($0) }, sampleIDs: Array(labels.indices))
    }

    func pass(_ tape: Tape?) -> Pass {
      Pass(
        engine: Engine(), mode: .evaluation, tape: tape, randomness: Pass.Randomness(seed: 0, step: 0, pass: 0),
        rows: microbatch.rows)
    }
  }

  @Test("the logits and every hidden state of an attended token are those of transformers")
  func forward() throws {
    let golden = try Case()
    let outputs = try Golden.tensors("bert-forward-backward", "outputs")
    let logits = golden.model(golden.microbatch, golden.pass(nil))[0]
    #expect(Self.distance(Array(logits.values), try outputs.floats("logits")) < 1e-5)
    guard case .tokens(let batch) = golden.microbatch.input else { return }
    let width = golden.model.encoder.width
    for (index, state) in golden.model.encoder.hiddenStates(batch, golden.pass(nil)).enumerated() {
      let padded = try outputs.floats("hidden.\(index)")
      let expected = golden.places.flatMap { padded[$0 * width..<($0 + 1) * width] }
      #expect(Self.distance(Array(state.values), expected) < 1e-5, "hidden state \(index)")
    }
  }

  @Test("the loss and the gradient of every parameter are PyTorch's")
  func backward() throws {
    let golden = try Case()
    let gradients = Arena(layout: golden.state.layout)
    let tape = Tape()
    let pass = golden.pass(tape)
    golden.state.beginGradients(in: gradients)
    let losses = pass.crossEntropy(golden.model(golden.microbatch, pass)[0], labels: golden.microbatch.labels)
    let rows = golden.microbatch.labels.count
    let mean = losses.values.reduce(0.0) { $0 + Double($1) } / Double(rows)
    #expect(abs(mean - golden.loss) / golden.loss < 1e-5)
    losses.seedGradient(1 / Float(rows))
    tape.backward()
    golden.state.endGradients()
    let expected = try Golden.tensors("bert-forward-backward", "gradients")
    for slice in golden.state.layout.slices {
      let reference = try expected.floats(slice.name)
      let values = Array(try #require(gradients[slice.name]))
      // The true gradient of key biases is zero: softmax does not depend on them.
      let isKeyBias = slice.name.hasSuffix("attention.self.key.bias")
      let tolerance = isKeyBias ? 1e-6 : 1e-4 * (reference.map(abs).max() ?? 0)
      #expect(Self.distance(values, reference) <= tolerance, "\(slice.name)")
    }
  }

  private static func distance(_ values: [Float], _ expected: [Float]) -> Float {
    guard values.count == expected.count else { return .infinity }
    return zip(values, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }
}
