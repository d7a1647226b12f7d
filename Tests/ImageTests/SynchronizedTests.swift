import Collectives
import DataParallel
import Layers
import Tensors
import TestSupport
import Testing

/// Batch norm over the parts of several ranks, as if they were one batch.
@Suite struct SynchronizedTests {
  private final class Norm: Module {
    let norm: BatchNorm
    init(_ channels: Int) { norm = BatchNorm(channels) }
    var checkpointNames: [String: String] { ["norm": ""] }
  }

  /// What one rank computed from its part, images channels first.
  private struct Outcome {
    var output: [Float]
    var inputGradient: [Float]
    var weightGradient: [Float]
    var biasGradient: [Float]
    var runningMean: [Float]
    var runningVariance: [Float]
  }

  private struct Part {
    var images: Range<Int>
    var channels: Int
    var height: Int
    var width: Int

    /// Where element `index` of the part, channels last, stands in the whole, channels first.
    func source(_ index: Int) -> Int {
      let area = height * width
      let (image, place, channel) = (index / (channels * area), index / channels % area, index % channels)
      return ((images.lowerBound + image) * channels + channel) * area + place
    }

    func channelsFirst(_ values: UnsafeMutableBufferPointer<Float>) -> [Float] {
      var result = [Float](repeating: .nan, count: values.count)
      let first = source(0)
      for (index, value) in values.enumerated() { result[source(index) - first] = value }
      return result
    }
  }

  private func run(_ part: Part, _ group: any Group) throws -> Outcome {
    let file = try Golden.tensors("synchronized-batch-norm", "case")
    let model = Norm(part.channels)
    let state = ModelState(model, seed: 0)
    let gradients = Tensors.Arena(layout: state.layout)
    for name in ["weight", "bias"] {
      for (index, value) in try file.doubles(name).enumerated() { state.weights[name]![index] = Float(value) }
    }
    let turn = TurnExchange(DataParallelGroup(group), step: 0)
    let statistics = BatchStatistics(exchange: turn.exchange)
    let tape = Tape()
    let pass = Pass(
      engine: Engine(), mode: .training, tape: tape, randomness: .init(seed: 1, step: 0, pass: 0), rows: [],
      statistics: statistics)
    let (pixels, upstream) = (try file.doubles("input"), try file.doubles("upstream"))
    let input = pass.tensor([part.images.count, part.height, part.width, part.channels])
    for index in 0..<input.count { input.values[index] = Float(pixels[part.source(index)]) }
    state.beginGradients(in: gradients)
    let result = model.norm(input, pass)
    let slot = result.gradientSlot()
    for index in 0..<result.count { slot.pointer[index] = Float(upstream[part.source(index)]) }
    tape.backward()
    state.endGradients()
    try turn.end()
    for observation in statistics.observations { model.norm.update(observation.moments) }
    return Outcome(
      output: part.channelsFirst(result.values), inputGradient: part.channelsFirst(try #require(input.gradient)),
      weightGradient: Array(gradients["weight"]!), biasGradient: Array(gradients["bias"]!),
      runningMean: Array(state.buffers["running_mean"]!), runningVariance: Array(state.buffers["running_var"]!))
  }

  @Test("ranks with 3, 5, 1 and 4 images, and one with none, normalise as PyTorch does all 13")
  func golden() throws {
    let file = try Golden.tensors("synchronized-batch-norm", "case")
    let sizes = try #require(try Golden.facts("synchronized-batch-norm")["parts"] as? [Int])
    let outcomes = try Ranks.run(sizes.count + 1) { group in
      guard group.rank < sizes.count else {
        try TurnExchange(DataParallelGroup(group), step: 0).end()
        return Outcome?.none
      }
      let first = sizes[..<group.rank].reduce(0, +)
      return try run(Part(images: first..<first + sizes[group.rank], channels: 4, height: 5, width: 3), group)
    }.compactMap { $0 }

    func difference(_ values: [Float], _ name: String) throws -> Double {
      let expected = try file.doubles(name)
      try #require(values.count == expected.count)
      let scale = max(1, expected.map(abs).max() ?? 1)
      return zip(values, expected).map { abs(Double($0) - $1) / scale }.max() ?? .infinity
    }
    func sum(_ parts: [[Float]]) -> [Float] { parts[0].indices.map { index in parts.reduce(0) { $0 + $1[index] } } }
    #expect(try difference(outcomes.flatMap(\.output), "output") < 1e-5)
    #expect(try difference(outcomes.flatMap(\.inputGradient), "input_gradient") < 1e-5)
    #expect(try difference(sum(outcomes.map(\.weightGradient)), "weight_gradient") < 1e-5)
    #expect(try difference(sum(outcomes.map(\.biasGradient)), "bias_gradient") < 1e-5)
    for outcome in outcomes {
      #expect(try difference(outcome.runningMean, "running_mean") < 1e-6)
      #expect(try difference(outcome.runningVariance, "running_var") < 1e-6)
    }
  }
}
