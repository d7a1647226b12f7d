import Tensors
import Testing

@Suite struct KernelAccuracyTests {
  private let pass = Pass(
    engine: Engine(), mode: .evaluation, tape: nil, randomness: .init(seed: 1, step: 0, pass: 0), rows: [0])

  /// Values from tiny to far out on both sides, dense around zero.
  private var wideRange: [Float] {
    let fine = (-40_000...40_000).map { Float($0) * 5e-4 }
    let tiny = (1...30).flatMap { [Float(sign: .plus, exponent: -4 * $0, significand: 1.3)] }
    return fine + tiny + tiny.map { -$0 } + [0, -0.0, 100, -100, 1e30, -1e30]
  }

  private func tensor(_ values: [Float], _ shape: Shape? = nil) -> Tensor {
    let tensor = pass.tensor(shape ?? [values.count])
    for (index, value) in values.enumerated() { tensor.values[index] = value }
    return tensor
  }

  @Test("tanh is within 2 units in the last place")
  func tanhIsAccurate() {
    let inputs = wideRange
    let exact = Twin.tanh.forward([inputs.map(Double.init)])
    for (actual, expected) in zip(pass.tanh(tensor(inputs)).values, exact) where abs(expected) > 1e-7 {
      #expect(abs(Double(actual) - expected) <= 2 * Double(Float(expected).ulp))
    }
    #expect(pass.tanh(tensor([1e-20]))[0] == 1e-20)
  }

  @Test("GELU is within 3e-7 of the larger of 1 and |x|, and right at both ends")
  func geluIsAccurate() {
    let inputs = wideRange
    let exact = Twin.gelu.forward([inputs.map(Double.init)])
    for ((actual, expected), input) in zip(zip(pass.gelu(tensor(inputs)).values, exact), inputs) {
      #expect(abs(Double(actual) - expected) <= 3e-7 * Double(max(1, abs(input))))
    }
    #expect(pass.gelu(tensor([1e30]))[0] == 1e30)
    #expect(abs(pass.gelu(tensor([-1e30]))[0]) < 1e-6)
  }

  @Test(
    "activations are within 4e-7 and their slopes within 1e-6 of the larger of 1 and |x|, right at both ends",
    arguments: Activation.allCases)
  func activationsAreAccurate(activation: Activation) {
    let inputs = wideRange + [1e19, -1e19, 3e38, -3e38]
    let exact = inputs.map(Double.init)
    let training = Pass(
      engine: pass.engine, mode: .training, tape: Tape(), randomness: pass.randomness, rows: pass.rows)
    let input = training.tensor([inputs.count])
    for (index, value) in inputs.enumerated() { input.values[index] = value }
    let result = training.activation(input, activation)
    result.seedGradient(1)
    training.tape?.backward()
    let twin = Twin.activation(activation)
    func largestError(_ actual: UnsafeMutableBufferPointer<Float>, _ expected: [Double]) -> Double {
      zip(zip(actual, expected), inputs).map { pair, x in
        // Below -10 all but tanh are 0, or so near that x must not excuse an error; the exact GELU ends at 1e30.
        guard activation != .gelu || abs(x) < 1e18 else { return 0 }
        return abs(Double(pair.0) - pair.1) / (x < -10 ? 1 : Double(max(1, abs(x))))
      }.max() ?? .nan
    }
    #expect(largestError(result.values, twin.forward([exact])) <= 4e-7)
    let gradient = input.gradient ?? .init(start: nil, count: 0)
    #expect(largestError(gradient, twin.backward([exact], exact.map { _ in 1 })[0]) <= 1e-6)
  }

  @Test("the names of activations in published configurations are known, and no others")
  func activationNames() {
    #expect(Activation(name: "gelu_new") == .geluTanh && Activation(name: "gelu_pytorch_tanh") == .geluTanh)
    #expect(Activation(name: "silu") == .silu && Activation(name: "swish") == .silu)
    #expect(Activation.names.allSatisfy { Activation(name: $0) != nil })
    #expect(Activation(name: "geluTanh") == nil && Activation(name: "gelu_fast") == nil)
  }

  @Test("softmax is within 1e-6, relatively, over forty natural orders of magnitude")
  func softmaxIsAccurate() {
    let classes = 41
    let logits = (0..<classes).map { -Float($0) }
    let twin = Twin.crossEntropy(labels: [0], classes: classes, smoothing: 0, classWeights: nil)
    let training = Pass(
      engine: pass.engine, mode: .training, tape: Tape(), randomness: pass.randomness, rows: pass.rows)
    let input = training.tensor([1, classes])
    for (index, value) in logits.enumerated() { input.values[index] = value }
    let loss = training.crossEntropy(input, labels: [0])
    loss.seedGradient(1)
    training.tape?.backward()
    let expected = twin.backward([logits.map(Double.init)], [1])[0]
    for index in 1..<classes {
      #expect(abs(Double(input.gradient?[index] ?? 0) / expected[index] - 1) < 1e-6)
    }
  }

  @Test("logits a thousand apart overflow nothing")
  func hugeLogits() {
    let losses = pass.crossEntropy(tensor([1000, -1000, -1000, 1000], [2, 2]), labels: [0, 0])
    #expect(losses[0] == 0 && losses[1] == 2000)
  }

  /// Softmax by attention, at a depth whose root is not a power of two: one query and four keys, of which the second and the
  /// last have the largest score, 3 `scale`².
  private func attention(scale: Float) -> (result: [Float], probabilities: [Float]) {
    let training = Pass(
      engine: pass.engine, mode: .training, tape: Tape(), randomness: pass.randomness, rows: pass.rows)
    func input(_ shape: Shape, _ values: [Float]) -> Tensor {
      let tensor = training.tensor(shape)
      for (index, value) in values.enumerated() { tensor.values[index] = value }
      return tensor
    }
    let query = input([1, 3], [scale, scale, scale])
    let keys = input([4, 3], [Float](repeating: 0, count: 12))
    for (key, share) in [Float](arrayLiteral: 0.5, 1, -1, 1).enumerated() {
      for column in 0..<3 { keys.values[key * 3 + column] = share * scale }
    }
    let values = input([4, 3], [1, 0, 0, 0, 1, 0, 1, 1, 1, 0, 0, 1])
    let result = training.attention(
      query: query, key: keys, value: values, heads: 1, offsets: [0, 4], queryOffsets: [0, 1], mask: nil)
    let slot = result.gradientSlot()
    for column in 0..<3 { slot.pointer[column] = 1 }
    training.tape?.backward()
    // The gradient of a value is the probability that it was taken with.
    return (Array(result.values), stride(from: 0, to: 12, by: 3).map { values.gradient?[$0] ?? .nan })
  }

  @Test(
    "softmax is right for scores of any size, forward and backward", arguments: [1e3, 3e4, 1e5, 1e7, 1e12] as [Float])
  func softmaxOfHugeScores(scale: Float) {
    let (result, probabilities) = attention(scale: scale)
    #expect(zip(result, [0, 0.5, 0.5]).allSatisfy { abs($0 - $1) < 1e-6 }, "\(result)")
    #expect(zip(probabilities, [0, 0.5, 0, 0.5]).allSatisfy { abs($0 - $1) < 1e-6 }, "\(probabilities)")
  }

  @Test("NaN stays NaN")
  func notANumber() {
    for count in [1, 40] {
      let input = tensor(Array(repeating: .nan, count: count))
      for activation in Activation.allCases {
        #expect(pass.activation(input, activation).values.allSatisfy { $0.isNaN })
      }
      #expect(pass.crossEntropy(tensor(Array(repeating: .nan, count: count), [1, count]), labels: [0])[0].isNaN)
    }
  }
}

extension Tensor {
  fileprivate subscript(index: Int) -> Float { values[index] }
}
