import Data
import Foundation
import Layers
import Models
import Tensors
import TestSupport
import Testing
import Text

/// Heads that read other vectors than a family's own.
@Suite struct TextHeadTests {
  private struct Case {
    let model: TextClassifier
    let state: ModelState
    let rows = TokenRows(random: 5, vocabulary: 40, labels: 3, seed: 6)

    init(_ choice: HeadChoice, layers: Int = 4, seed: UInt64 = 5) throws {
      let family = try TinyEncoder.member(of: BERT.self, others: ["num_hidden_layers": layers])
      model = try TextClassifier(family, labels: 3, head: family.head(choice))
      state = ModelState(model, seed: seed)
    }

    var microbatch: Microbatch { rows.microbatch(rows: Array(0..<5), positions: 0..<5) }

    func pass(_ mode: Pass.Mode = .evaluation) -> Pass {
      Pass(
        engine: Engine(), mode: mode, tape: nil, randomness: Pass.Randomness(seed: 1, step: 0, pass: 0),
        rows: microbatch.rows)
    }

    var scores: [Float] { model(microbatch, pass())[0].copied }

    /// The hidden states of each row: [state][row][token][column].
    var states: [[[[Float]]]] {
      guard case .tokens(let batch) = microbatch.input else { return [] }
      return model.encoder.hiddenStates(batch, pass()).map { state in
        let tokens = (0..<state.shape[0]).map { Array(state.copied[$0 * 16..<($0 + 1) * 16]) }
        return zip(batch.offsets, batch.offsets.dropFirst()).map { Array(tokens[Int($0)..<Int($1)]) }
      }
    }

    func weights(_ name: String) -> [Float] { Array(state.weights[name]!) }

    /// What a linear map of the model gives, in Float64.
    func map(_ vector: [Double], _ name: String) -> [Double] {
      let bias = weights(name + ".bias")
      return bias.indices.map { row in
        zip(vector, weights(name + ".weight")[row * vector.count..<(row + 1) * vector.count])
          .reduce(Double(bias[row])) { $0 + $1.0 * Double($1.1) }
      }
    }
  }

  private static func isNear(_ scores: [Float], _ expected: [Double]) -> Bool {
    scores.count == expected.count && zip(scores, expected).allSatisfy { abs(Double($0) - $1) < 1e-5 }
  }

  @Test("first, mean and max read the first token, the mean and the largest values of a row's last vectors")
  func pooled() throws {
    let pooled: [(HeadDesign.Pooling, ([[Float]], Int) -> Double)] = [
      (.first, { Double($0[0][$1]) }),
      (.mean, { tokens, column in tokens.reduce(0) { $0 + Double($1[column]) } / Double(tokens.count) }),
      (.max, { tokens, column in Double(tokens.map { $0[column] }.max()!) }),
    ]
    for (pooling, vector) in pooled {
      let tiny = try Case(HeadChoice(pooling: pooling))
      let expected = tiny.states.last!.flatMap { tokens in
        tiny.map((0..<16).map { vector(tokens, $0) }, "classifier")
      }
      #expect(Self.isNear(tiny.scores, expected), "\(pooling)")
    }
  }

  @Test(
    "attention weighs a row's vectors by the softmax of their products with a learned one over the root of the width")
  func attention() throws {
    let tiny = try Case(HeadChoice(pooling: .attention))
    let query = tiny.weights("head.query.weight").map(Double.init)
    let expected = tiny.states.last!.flatMap { tokens in
      let products = tokens.map { token in exp(zip(token, query).reduce(0) { $0 + Double($1.0) * $1.1 } / 4) }
      let sum = products.reduce(0, +)
      let vector = (0..<16).map { column in
        zip(tokens, products).reduce(0) { $0 + Double($1.0[column]) * $1.1 } / sum
      }
      return tiny.map(vector, "classifier")
    }
    #expect(Self.isNear(tiny.scores, expected))
  }

  @Test("last-four reads the first tokens of the last four layers side by side, and a hidden layer has a tanh")
  func lastFour() throws {
    let tiny = try Case(HeadChoice(pooling: .lastFour, hidden: 7), layers: 5)
    let states = tiny.states.suffix(4)
    let expected = (0..<5).flatMap { row in
      tiny.map(tiny.map(states.flatMap { $0[row][0].map(Double.init) }, "head.dense").map(tanh), "classifier")
    }
    #expect(Self.isNear(tiny.scores, expected))
    #expect(throws: HeadProblem.self) { try Case(HeadChoice(pooling: .lastFour), layers: 3) }
  }

  @Test("A head's parameters are trained, whatever it pools", arguments: HeadDesign.Pooling.allCases)
  func gradients(pooling: HeadDesign.Pooling) throws {
    let tiny = try Case(HeadChoice(pooling: pooling, dropouts: [0.1, 0.5], hidden: 6))
    let gradients = Arena(layout: tiny.state.layout)
    let tape = Tape()
    let pass = Pass(
      engine: Engine(), mode: .training, tape: tape, randomness: Pass.Randomness(seed: 1, step: 0, pass: 0),
      rows: tiny.microbatch.rows)
    tiny.state.beginGradients(in: gradients)
    let samples = tiny.model(tiny.microbatch, pass)
    #expect(samples.count == 2)
    for scores in samples { pass.crossEntropy(scores, labels: tiny.microbatch.labels).seedGradient(1) }
    tape.backward()
    tiny.state.endGradients()
    for slice in tiny.state.layout.slices where !slice.name.hasSuffix("key.bias") {
      let isTrained = gradients[slice.name]!.contains { abs($0) > 1e-7 }
      #expect(isTrained, "\(slice.name)")
    }
  }

  @Test("The family's own pooling is its own head, which transformers opens; others are kept in config.json")
  func export() throws {
    for (choice, isOwn) in [
      (HeadChoice(pooling: .pooler, dropouts: [0.2, 0.3]), true), (HeadChoice(pooling: .mean), false),
      (HeadChoice(hidden: 5), false), (HeadChoice(pooling: .lastFour, hidden: 5), false),
      (HeadChoice(pooling: .attention), false),
    ] {
      let folder = FileManager.default.temporaryDirectory.appending(path: "lockstep-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let tiny = try Case(choice)
      try (["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + (5..<40).map { "w\($0)" }).joined(separator: "\n")
        .write(toFile: folder + "/vocab.txt", atomically: false, encoding: .utf8)
      let exporter = TextExporter(
        family: tiny.model.family, head: tiny.model.design, description: HeadDescription(outputs: 3),
        tokenizer: try Tokenizers.read(file: folder + "/vocab.txt"), maximumLength: 24)
      #expect(exporter.notes.isEmpty == isOwn)
      try exporter.write(weights: tiny.state.weights, buffers: tiny.state.buffers, to: folder + "/model")
      let data = try Data(contentsOf: URL(filePath: folder + "/model/config.json"))
      let json = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
      #expect(json["architectures"] as? [String] == [isOwn ? "BertForSequenceClassification" : "BertModel"])
      let directory = try PretrainedDirectory(path: folder + "/model")
      let model = TextClassifier(directory.family, labels: 3, head: directory.head)
      let report = try directory.load(into: ModelState(model, seed: 9))
      #expect(report.missing + report.unexpected == [] && directory.headLabels == 3)
      #expect(model(tiny.microbatch, tiny.pass())[0].copied == tiny.scores)
    }
  }
}
