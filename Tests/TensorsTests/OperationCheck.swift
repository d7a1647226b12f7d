import Tensors
import Testing

/// One operation under test: its twin, its inputs (tensors first, then parameters) and how to run it.
struct OperationCase: Sendable {
  struct Leaves {
    let tensors: [Tensor]
    let parameters: [Parameter]
  }

  let name: String
  let twin: Twin
  let tensors: [Shape]
  var parameters: [Shape] = []
  var rows: [Int32] = [0]
  /// Largest error, relative to the largest value of the twin.
  var tolerance = 2e-6
  let run: @Sendable (Pass, Leaves) -> Tensor

  var shapes: [Shape] { tensors + parameters }

  /// Inputs in ±1, the same at every call.
  func inputs() -> [[Double]] {
    shapes.enumerated().map { index, shape in Self.values(count: shape.count, site: UInt32(index)) }
  }

  static func values(count: Int, site: UInt32) -> [Double] {
    var values = [Float](repeating: 0, count: count)
    values.withUnsafeMutableBufferPointer {
      RandomStream(seed: 7, purpose: .initialization, site: site).fillUniform($0)
    }
    return values.map { Double(2 * $0 - 1) }
  }

  /// What the operation gives: its result and the gradient of every input.
  struct Outcome: Equatable {
    var result: [Float]
    var gradients: [[Float]]
  }

  /// Runs forward, and backward from the given gradient of the result, of as many consumers of the same inputs.
  func outcome(
    upstream: [Double]?, threads: Int = 1, frozen: Bool = false, consumers: Int = 1, precision: Precision = .fp32,
    numerics: Numerics = .portable, units: VectorUnits = .here, emulated: Bool = false
  ) -> Outcome {
    let engine = Engine(threads: threads, numerics: numerics, units: units, multipliesBrain16: !emulated)
    let tape = upstream == nil ? nil : Tape()
    let pass = Pass(
      engine: engine, mode: .training, tape: tape, randomness: .init(seed: 3, step: 5, pass: 0), rows: rows,
      precision: precision)
    let leaves = inputs()
    let inputTensors = zip(tensors, leaves).map { shape, values in
      let tensor = pass.tensor(shape)
      for (index, value) in values.enumerated() { tensor.values[index] = Float(value) }
      return tensor
    }
    let arena = Arena(layout: ArenaLayout(parameters.enumerated().map { ("parameter\($0)", $1) }))
    let gradients = Arena(layout: arena.layout)
    let bound = zip(arena.layout.slices, leaves.dropFirst(tensors.count)).map { slice, values in
      let parameter = Parameter(slice.shape, kind: .weight, initializer: .zeros)
      parameter.isFrozen = frozen
      parameter.bind(name: slice.name, values: arena.pointer + slice.offset)
      parameter.beginGradient(at: gradients.pointer + slice.offset)
      for (index, value) in values.enumerated() { parameter.values[index] = Float(value) }
      return parameter
    }
    gradients.values.update(repeating: .nan)
    var result: Tensor?
    for _ in 0..<consumers {
      let output = run(pass, Leaves(tensors: inputTensors, parameters: bound))
      result = output
      guard let upstream, output.needsGradient else { continue }
      let slot = output.gradientSlot()
      for (index, value) in upstream.enumerated() { slot.pointer[index] = Float(value) }
    }
    tape?.backward()
    if !frozen { for parameter in bound { parameter.endGradient() } }
    let tensorGradients = inputTensors.map { $0.gradient.map(Array.init) ?? [] }
    let parameterGradients = gradients.layout.slices.map { Array(gradients.values[$0.range]) }
    return Outcome(result: result.map { Array($0.values) } ?? [], gradients: tensorGradients + parameterGradients)
  }
}

/// Whether two vectors agree, relative to the largest value of the second.
func agree(_ actual: [Float], _ expected: [Double], within tolerance: Double, factor: Double = 1) -> Bool {
  guard actual.count == expected.count else { return false }
  let largest = max(1, expected.map(abs).max() ?? 0) * factor
  return zip(actual, expected).allSatisfy { abs(Double($0) - factor * $1) <= tolerance * largest }
}
