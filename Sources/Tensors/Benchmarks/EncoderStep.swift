/// One forward and backward of a BERT encoder by the operations of this module, with dropout .1: what a training step
/// spends besides optimizer and data.
package final class EncoderStep {
  private let shape: EncoderShape
  private let engine: Engine
  private let precision: Precision
  private let weights: Arena
  private let gradients: Arena
  private var parameters: [String: Parameter] = [:]
  private let ids: [Int32]
  private let offsets: [Int32]

  package init(_ shape: EncoderShape, threads: Int = 1, precision: Precision = .fp32) {
    self.shape = shape
    self.precision = precision
    engine = Engine(threads: threads)
    let layout = ArenaLayout(Self.parameterShapes(shape))
    weights = Arena(layout: layout)
    gradients = Arena(layout: layout)
    for slice in layout.slices {
      let parameter = Parameter(slice.shape, kind: .weight, initializer: .normal(0.02))
      parameter.bind(name: slice.name, values: weights.pointer + slice.offset)
      RandomStream(seed: 1, purpose: .initialization).fillNormal(parameter.values)
      for index in parameter.values.indices { parameter.values[index] *= 0.02 }
      parameters[slice.name] = parameter
    }
    let random = RandomStream(seed: 2, purpose: .shuffle)
    ids = (0..<shape.tokens).map { Int32(random.integer(below: UInt32(shape.vocabulary), index: UInt64($0))) }
    offsets = (0...shape.rows).map { Int32($0 * shape.length) }
  }

  /// Bytes of intermediate values that the step has ever held.
  package var intermediateBytes: Int { engine.pool.allocatedBytes }

  package func run(step: Int) {
    for slice in gradients.layout.slices { self[slice.name].beginGradient(at: gradients.pointer + slice.offset) }
    let tape = Tape()
    let pass = Pass(
      engine: engine, mode: .training, tape: tape, randomness: .init(seed: 1, step: step, pass: 0),
      rows: (0..<Int32(shape.rows)).map { $0 }, precision: precision)
    let coordinates = Coordinates(rows: pass.rows, offsets: offsets)
    var hidden = embed(pass, coordinates)
    for layer in 0..<shape.layers { hidden = encode(pass, hidden, layer: layer, coordinates) }
    hidden.seedGradient(1e-3)
    tape.backward()
  }

  private subscript(name: String) -> Parameter {
    guard let parameter = parameters[name] else { preconditionFailure("the benchmark has no parameter \(name)") }
    return parameter
  }

  private func embed(_ pass: Pass, _ coordinates: Coordinates) -> Tensor {
    let positions = coordinates.outers.map { Int32($0) }
    let sum = pass.embeddings(
      word: self["word"], position: self["position"], type: self["type"], ids: ids, positions: positions,
      typeIDs: Array(repeating: 0, count: ids.count))
    let norm = pass.layerNorm(sum, scale: self["embedding.scale"], shift: self["embedding.shift"], epsilon: 1e-12)
    return pass.dropout(norm, pass.dropoutMask(site: 0, probability: 0.1), coordinates)
  }

  private func encode(_ pass: Pass, _ input: Tensor, layer: Int, _ coordinates: Coordinates) -> Tensor {
    func linear(_ name: String, _ input: Tensor) -> Tensor {
      pass.linear(input, self["\(layer).\(name)"], self["\(layer).\(name).bias"])
    }
    func norm(_ name: String, _ input: Tensor, residual: Tensor, site: Int) -> Tensor {
      pass.dropoutAddLayerNorm(
        input, residual: residual, mask: pass.dropoutMask(site: UInt32(site), probability: 0.1),
        coordinates: coordinates, scale: self["\(layer).\(name).scale"], shift: self["\(layer).\(name).shift"],
        epsilon: 1e-12)
    }
    let context = pass.attention(
      query: linear("query", input), key: linear("key", input), value: linear("value", input), heads: shape.heads,
      offsets: offsets, mask: pass.dropoutMask(site: UInt32(3 * layer + 1), probability: 0.1))
    let attended = norm("attention", linear("output", context), residual: input, site: 3 * layer + 2)
    let raised = pass.linearGELU(attended, self["\(layer).raise"], self["\(layer).raise.bias"])
    return norm("feed", linear("lower", raised), residual: attended, site: 3 * layer + 3)
  }

  private static func parameterShapes(_ shape: EncoderShape) -> [(name: String, shape: Shape)] {
    let (hidden, intermediate) = (shape.hidden, shape.intermediate)
    var shapes: [(name: String, shape: Shape)] = [
      ("word", [shape.vocabulary, hidden]), ("position", [512, hidden]), ("type", [2, hidden]),
      ("embedding.scale", [hidden]), ("embedding.shift", [hidden]),
    ]
    for layer in 0..<shape.layers {
      for name in ["query", "key", "value", "output"] {
        shapes += [("\(layer).\(name)", [hidden, hidden]), ("\(layer).\(name).bias", [hidden])]
      }
      shapes += [("\(layer).raise", [intermediate, hidden]), ("\(layer).raise.bias", [intermediate])]
      shapes += [("\(layer).lower", [hidden, intermediate]), ("\(layer).lower.bias", [hidden])]
      for name in ["attention", "feed"] {
        shapes += [("\(layer).\(name).scale", [hidden]), ("\(layer).\(name).shift", [hidden])]
      }
    }
    return shapes
  }
}
