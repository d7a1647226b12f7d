import Tensors
import Testing

@Suite struct BatchNormTests {
  /// One rank's part of the golden batch: its images channels last, and the upstream gradient for them.
  private struct Part {
    let shape: Shape
    let input: [Float]
    let upstream: [Float]
  }

  private struct Outcome {
    var output: [Float] = []
    var inputGradient: [Float] = []
    var scaleGradient: [Float] = []
    var shiftGradient: [Float] = []
    var moments: [ChannelMoments] = []
  }

  /// [n, c, h, w] as [n, h, w, c].
  private static func channelsLast(_ values: ArraySlice<Double>, channels: Int, area: Int) -> [Float] {
    let values = Array(values)
    return values.indices.map { index in
      let (image, place, channel) = (index / (channels * area), index / channels % area, index % channels)
      return Float(values[(image * channels + channel) * area + place])
    }
  }

  private func run(
    _ part: Part, scale: [Double], shift: [Double], exchange: BatchNormExchange, into outcome: inout Outcome
  ) {
    let channels = scale.count
    let layout = ArenaLayout([("scale", [channels]), ("shift", [channels])])
    let (weights, gradients) = (Arena(layout: layout), Arena(layout: layout))
    let parameters = zip(layout.slices, [scale, shift]).map { slice, values in
      let parameter = Parameter(slice.shape, kind: .normalization, initializer: .ones)
      parameter.bind(name: slice.name, values: weights.pointer + slice.offset)
      parameter.beginGradient(at: gradients.pointer + slice.offset)
      for (index, value) in values.enumerated() { parameter.values[index] = Float(value) }
      return parameter
    }
    let tape = Tape()
    let pass = Pass(
      engine: Engine(), mode: .training, tape: tape, randomness: .init(seed: 1, step: 0, pass: 0), rows: [0])
    let input = pass.tensor(part.shape)
    for (index, value) in part.input.enumerated() { input.values[index] = value }
    let (result, moments) = pass.batchNorm(
      input, scale: parameters[0], shift: parameters[1], epsilon: 1e-5, exchange: exchange)
    let slot = result.gradientSlot()
    for (index, value) in part.upstream.enumerated() { slot.pointer[index] = value }
    outcome.output += Array(result.values)
    tape.backward()
    outcome.inputGradient += input.gradient.map(Array.init) ?? []
    func sum(_ sum: [Float], _ name: String) -> [Float] {
      let own = gradients[name].map(Array.init) ?? []
      return sum.isEmpty ? own : zip(sum, own).map { $0 + $1 }
    }
    outcome.scaleGradient = sum(outcome.scaleGradient, "scale")
    outcome.shiftGradient = sum(outcome.shiftGradient, "shift")
    outcome.moments.append(moments)
  }

  @Test("four ranks with parts of different sizes normalise as one batch: golden synchronized-batch-norm")
  func golden() throws {
    let scenario = try Golden("synchronized-batch-norm")
    let parts = try #require(scenario.description["parts"] as? [Int])
    let (scale, shift) = (try scenario.tensor("weight"), try scenario.tensor("bias"))
    let input = try scenario.tensor("input")
    let shape = try scenario.shape("input")
    let (channels, area) = (shape[1], shape[2] * shape[3])
    let upstream = try scenario.tensor("upstream")
    var first = 0
    let ranks = parts.map { images in
      defer { first += images }
      let range = first * channels * area..<(first + images) * channels * area
      return Part(
        shape: [images, shape[2], shape[3], channels],
        input: Self.channelsLast(input[range], channels: channels, area: area),
        upstream: Self.channelsLast(upstream[range], channels: channels, area: area))
    }

    // Instead of ranks that wait for each other: once to learn the moments, once more to learn the sums, then for good.
    var moments = ChannelMoments(count: 0, means: scale.map { _ in 0 }, squares: scale.map { _ in 0 })
    var sums = [Double](repeating: 0, count: 2 * channels)
    var unused = Outcome()
    for rank in ranks {
      run(
        rank, scale: scale, shift: shift, exchange: BatchNormExchange(merge: { moments.merge($0) }, addUp: { _ in }),
        into: &unused)
    }
    for rank in ranks {
      let exchange = BatchNormExchange(
        merge: { $0 = moments }, addUp: { own in sums = zip(sums, own).map { $0 + $1 } })
      run(rank, scale: scale, shift: shift, exchange: exchange, into: &unused)
    }
    var outcome = Outcome()
    for rank in ranks {
      let exchange = BatchNormExchange(merge: { $0 = moments }, addUp: { $0 = sums })
      run(rank, scale: scale, shift: shift, exchange: exchange, into: &outcome)
    }

    func expected(_ name: String) throws -> [Double] {
      let values = try scenario.tensor(name)
      return Self.channelsLast(values[...], channels: channels, area: area).map { Double($0) }
    }
    #expect(agree(outcome.output, try expected("output"), within: 1e-5))
    #expect(agree(outcome.inputGradient, try expected("input_gradient"), within: 1e-5))
    #expect(agree(outcome.scaleGradient, try scenario.tensor("weight_gradient"), within: 1e-5))
    #expect(agree(outcome.shiftGradient, try scenario.tensor("bias_gradient"), within: 1e-5))
    for moments in outcome.moments {
      let means = moments.means.map { Float(0.1 * $0) }
      let variances = moments.unbiasedVariances.map { Float(0.9 + 0.1 * $0) }
      #expect(agree(means, try scenario.tensor("running_mean"), within: 1e-6))
      #expect(agree(variances, try scenario.tensor("running_var"), within: 1e-6))
    }
  }

  @Test("merged moments are those of all values together, empty parts included")
  func momentsMerge() {
    let values: [Double] = [1, 5, -2, 100, 101, 99.5]
    func moments(_ values: ArraySlice<Double>) -> ChannelMoments {
      let mean = values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
      return ChannelMoments(
        count: Double(values.count), means: [mean], squares: [values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }])
    }
    let whole = moments(values[...])
    for cut in 0...values.count {
      var merged = moments(values[..<cut])
      merged.merge(moments(values[cut...]))
      #expect(merged.count == whole.count)
      #expect(abs(merged.means[0] - whole.means[0]) < 1e-12)
      #expect(abs(merged.squares[0] - whole.squares[0]) < 1e-9)
    }
  }

  @Test("a mean far from zero costs no precision")
  func farMean() {
    let pass = Pass(
      engine: Engine(), mode: .training, tape: nil, randomness: .init(seed: 1, step: 0, pass: 0), rows: [0])
    let input = pass.tensor([50, 10, 10, 1])
    for index in 0..<input.count { input.values[index] = 1000 + Float(index % 2) }
    let scale = Parameter([1], kind: .normalization, initializer: .ones)
    let arena = Arena(layout: ArenaLayout([("scale", [1])]))
    scale.bind(name: "scale", values: arena.pointer)
    let moments = pass.batchNorm(input, scale: scale, shift: scale, epsilon: 1e-5).moments
    #expect(abs(moments.means[0] - 1000.5) < 1e-3)
    #expect(abs(moments.variances[0] - 0.25) < 1e-4)
  }
}
