import Data
import Layers
import Models
import Tensors
import TestSupport
import Testing

/// What holds for every encoder, whatever its family.
@Suite struct EncoderFamilyTests {
  static let families = EncoderFamilies.all.map { $0.modelTypes[0] }

  private struct Case {
    let model: TextClassifier
    let state: ModelState
    let microbatch: Microbatch

    init(_ type: String, dropout: Double) throws {
      let family = try #require(EncoderFamilies.family(of: type))
      model = TextClassifier(try TinyEncoder.member(of: family, dropout: dropout), labels: 3)
      state = ModelState(model, seed: 5)
      microbatch = TokenRows(random: 5, vocabulary: 40, labels: 3, seed: 6)
        .microbatch(rows: Array(0..<5), positions: 0..<5)
    }

    var tokens: TokenBatch {
      guard case .tokens(let batch) = microbatch.input else { preconditionFailure("rows of tokens") }
      return batch
    }

    func pass(_ mode: Pass.Mode, tape: Tape? = nil, probe: EmbeddingProbe? = nil) -> Pass {
      Pass(
        engine: Engine(), mode: mode, tape: tape, randomness: Pass.Randomness(seed: 1, step: 0, pass: 0),
        rows: microbatch.rows, probe: probe)
    }
  }

  @Test("Every layer's use of a dropout draws a mask of its own, also where layers are shared", arguments: families)
  func masks(type: String) throws {
    let tiny = try Case(type, dropout: 0.3)
    let pass = tiny.pass(.training)
    _ = tiny.model.encoder(tiny.tokens, .all, pass)
    // Of each layer at least the attention's probabilities and one of its outputs are dropped.
    #expect(pass.maskCount >= 2 * tiny.model.encoder.depth)
  }

  @Test("An adversary finds the embedded tokens of each example and moves the scores with them", arguments: families)
  func probe(type: String) throws {
    let tiny = try Case(type, dropout: 0)
    let probe = EmbeddingProbe(offsets: tiny.tokens.offsets)
    let gradients = Arena(layout: tiny.state.layout)
    let tape = Tape()
    let pass = tiny.pass(.training, tape: tape, probe: probe)
    tiny.state.beginGradients(in: gradients)
    let losses = pass.crossEntropy(tiny.model(tiny.microbatch, pass)[0], labels: tiny.microbatch.labels)
    let clean = Array(losses.values)
    losses.seedGradient(1)
    tape.backward()
    tiny.state.endGradients()
    #expect(probe.examples.count == 5)
    #expect(probe.gradient.contains { abs($0) > 1e-6 })
    // A short way along its own gradient raises the loss of every example.
    for example in probe.examples {
      let norm = probe.gradient[example].reduce(0) { $0 + $1 * $1 }.squareRoot()
      for index in example { probe.offset[index] = 0.01 * probe.gradient[index] / norm }
    }
    let moved = tiny.pass(.training, probe: probe)
    let raised = moved.crossEntropy(tiny.model(tiny.microbatch, moved)[0], labels: tiny.microbatch.labels)
    #expect(zip(raised.values, clean).allSatisfy { $0 > $1 })
  }

  @Test("The first tokens alone have the vectors that they have among all", arguments: families)
  func firstTokens(type: String) throws {
    let tiny = try Case(type, dropout: 0.3)
    for mode in [Pass.Mode.evaluation, .training] {
      let all = tiny.pass(mode)
      let whole = tiny.model.encoder(tiny.tokens, .all, all).firsts(all)
      let firsts = tiny.model.encoder(tiny.tokens, .first, tiny.pass(mode))
      #expect(firsts.hidden.shape == whole.hidden.shape)
      #expect(zip(firsts.hidden.values, whole.hidden.values).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  @Test("A row's vectors depend on its own tokens alone", arguments: families)
  func rowsAlone(type: String) throws {
    let tiny = try Case(type, dropout: 0)
    let scores = tiny.model(tiny.microbatch, tiny.pass(.evaluation))[0]
    let rows = TokenRows(random: 5, vocabulary: 40, labels: 3, seed: 6)
    for row in 0..<5 {
      let alone = rows.microbatch(rows: [row], positions: 0..<1)
      let pass = Pass(
        engine: Engine(), mode: .evaluation, tape: nil, randomness: Pass.Randomness(seed: 1, step: 0, pass: 0),
        rows: alone.rows)
      let own = tiny.model(alone, pass)[0]
      #expect(zip(own.values, scores.values[3 * row..<3 * row + 3]).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  @Test("A configuration that is written and read again describes the same member", arguments: families)
  func configuration(type: String) throws {
    let family = try #require(EncoderFamilies.family(of: type))
    let member = try TinyEncoder.member(of: family, dropout: 0.25)
    let again = try EncoderFamilies.read(member.completeJSON, source: "config.json")
    #expect(again.configuration == member.configuration)
    func tensors(_ family: any EncoderFamily) -> [String] {
      ModelState(TextClassifier(family, labels: 3), seed: 1).layout.slices.map { "\($0.name) \($0.shape)" }
    }
    #expect(tensors(again) == tensors(member))
  }

  @Test("The tensors that show a family's sizes are those of its encoders", arguments: families)
  func sizes(type: String) throws {
    let tiny = try Case(type, dropout: 0)
    for size in tiny.model.family.sizes {
      guard let tensor = size.tensor else { continue }
      let isCounted = tensor.name.contains("{}")
      let name = Swift.type(of: tiny.model.family).prefix + "." + tensor.name.replacing("{}", with: "\(size.value - 1)")
      let slice = try #require(tiny.state.layout[name], "\(size.key): \(name)")
      if !isCounted { #expect(slice.shape[tensor.axis] == size.value, "\(size.key)") }
    }
  }
}
