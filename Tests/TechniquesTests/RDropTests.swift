import Checkpoints
import Techniques
import Tensors
import TestSupport
import Testing

/// R-Drop's divergence against PyTorch's values and gradients.
@Suite struct RDropTests {
  private let engine = Engine()

  private func pass(rows: Int) -> Pass {
    Pass(
      engine: engine, mode: .training, tape: Tape(), randomness: Pass.Randomness(seed: 0, step: 0, pass: 0),
      rows: (0..<Int32(rows)).map { $0 })
  }

  private func tensor(_ values: [Float], _ shape: Shape, _ pass: Pass) -> Tensor {
    let tensor = pass.tensor(shape)
    _ = tensor.values.update(from: values)
    return tensor
  }

  @Test("both reductions give PyTorch's loss and gradients on both sides", arguments: ["0", "1", "2"], [true, false])
  func sentences(scenario: String, isSum: Bool) throws {
    let file = try Golden.tensors("r-drop", "cases")
    let key = "\(scenario).\(isSum ? "sum" : "per-sample")"
    let cases = try #require(try Golden.facts("r-drop")["cases"] as? [String: [String: Any]])
    let facts = try #require(cases[key])
    let alpha = try #require(facts["alpha"] as? Double)
    let labels = try file.integers("\(scenario).labels").map { Int32($0) }
    let shape: Shape = [labels.count, try #require(facts["classes"] as? Int)]

    let pass = pass(rows: labels.count)
    let sides = try ["logits1", "logits2"].map { tensor(try file.floats("\(scenario).\($0)"), shape, pass) }
    let share = 1 / Float(labels.count)
    let terms: [(rows: Tensor, factor: Float)] =
      sides.map { (pass.crossEntropy($0, labels: labels), share / 2) }
      + [(pass.symmetricKL(sides[0], sides[1]), Float(alpha) * (isSum ? 1 : share))]
    try check(sides, terms, file, key, loss: #require(facts["loss"] as? Double), tape: #require(pass.tape))
  }

  @Test("tokens: the divergence is summed where there is no padding, and divided by those tokens")
  func tokens() throws {
    let file = try Golden.tensors("r-drop", "cases")
    let cases = try #require(try Golden.facts("r-drop")["cases"] as? [String: [String: Any]])
    let facts = try #require(cases["tokens"])
    let alpha = try #require(facts["alpha"] as? Double)
    let labels = try file.integers("tokens.labels")
    let isPad = try file.integers("tokens.pad").map { $0 != 0 }
    let classes = try file.floats("tokens.logits1").count / labels.count

    let pass = pass(rows: labels.count)
    let sides = try ["logits1", "logits2"].map {
      tensor(try file.floats("tokens.\($0)"), [labels.count, classes], pass)
    }
    let labelled = labels.indices.filter { labels[$0] != -100 }
    let entropies = sides.map { side in
      pass.crossEntropy(pass.gatherRows(side, labelled.map { Int32($0) }), labels: labelled.map { Int32(labels[$0]) })
    }
    let kept = isPad.map { !$0 }
    let divergence = pass.symmetricKL(sides[0], sides[1], mask: kept)
    let terms =
      entropies.map { (rows: $0, factor: 0.5 / Float(labelled.count)) }
      + [(divergence, Float(alpha) / Float(kept.filter { $0 }.count))]
    try check(sides, terms, file, "tokens", loss: #require(facts["loss"] as? Double), tape: #require(pass.tape))
  }

  private func check(
    _ sides: [Tensor], _ terms: [(rows: Tensor, factor: Float)], _ file: SafetensorsFile, _ key: String, loss: Double,
    tape: Tape
  ) throws {
    let value = terms.reduce(0.0) { sum, term in
      sum + Double(term.factor) * term.rows.values.reduce(0.0) { $0 + Double($1) }
    }
    #expect(abs(value - loss) < 1e-6 * abs(loss))
    for term in terms { term.rows.seedGradient(term.factor) }
    tape.backward()
    for (side, name) in zip(sides, ["grad1", "grad2"]) {
      let expected = try file.floats("\(key).\(name)")
      let largest = try #require(expected.map(abs).max())
      let gradient = try #require(side.gradient)
      #expect(zip(gradient, expected).allSatisfy { abs($0 - $1) < 2e-6 * largest })
    }
  }
}
