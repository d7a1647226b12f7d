import Foundation
import Optimizers
import Tensors
import Testing

/// AdamW as its formula says, one weight at a time, in Float64.
private struct NaiveAdamW {
  var weight: Double
  var first = 0.0
  var second = 0.0
  var steps = 0

  init(_ weight: Float) { self.weight = Double(weight) }

  mutating func step(_ gradient: Double, rate: Double, decay: Double, correctsBias: Bool) {
    steps += 1
    first = 0.9 * first + 0.1 * gradient
    second = 0.999 * second + 0.001 * gradient * gradient
    if correctsBias {
      weight *= 1 - rate * decay
      let mean = first / (1 - pow(0.9, Double(steps)))
      let square = second / (1 - pow(0.999, Double(steps)))
      weight -= rate * mean / (square.squareRoot() + 1e-8)
    } else {
      weight -= rate * first / (second.squareRoot() + 1e-8)
      weight -= rate * decay * weight
    }
  }
}

struct AdamWTests {
  @Test("many steps follow the formula, with decay on weights and embeddings alone", arguments: [true, false])
  func followsTheFormula(correctsBias: Bool) {
    let weights = Toy.arena(seed: 1)
    let optimizer = AdamW(layout: Toy.layout, correctsBias: correctsBias)
    let groups = Toy.groups(weightDecay: 0.1) { $0 == "embedding" ? 0.5 : 1 }
    var twins = weights.values.map { NaiveAdamW($0) }
    for step in 0..<25 {
      let gradients = Toy.arena(seed: 100 + UInt64(step), scale: 3)
      let rate = 1e-2 / Double(step + 1)
      optimizer.step(
        weights: weights, gradients: gradients, learningRate: rate, gradientFactor: 0.25, groups: groups)
      for slice in Toy.layout.slices {
        let isDecayed = ["embedding", "first.weight", "second.weight"].contains(slice.name)
        for index in slice.range {
          twins[index].step(
            Double(gradients.pointer[index]) * 0.25, rate: slice.name == "embedding" ? rate / 2 : rate,
            decay: isDecayed ? 0.1 : 0, correctsBias: correctsBias)
        }
      }
    }
    #expect(relativeError(weights, twins.map(\.weight)) < 2e-6)
  }

  @Test("a frozen tensor and its moments do not move, and after thawing it is corrected by its own steps")
  func freezing() {
    let weights = Toy.arena(seed: 2)
    let before = Toy.bits(weights)
    let optimizer = AdamW(layout: Toy.layout)
    let frozen = Toy.groups(weightDecay: 0.1, frozen: ["first.weight", "second.bias"])
    for step in 0..<5 {
      optimizer.step(
        weights: weights, gradients: Toy.arena(seed: UInt64(step)), learningRate: 0.01, gradientFactor: 1,
        groups: frozen)
    }
    for name in ["first.weight", "second.bias"] {
      let range = Toy.layout[name]!.range
      #expect(Toy.firstDifference(Toy.bits(weights)[range], before[range]) == nil)
      for state in optimizer.state { #expect(range.allSatisfy { state.arena.pointer[$0] == 0 }) }
    }
    // At the first step of a tensor the corrected moments are the gradient and its square: it moves by the rate.
    let range = Toy.layout["first.weight"]!.range
    let start = Array(weights.values[range])
    optimizer.step(
      weights: weights, gradients: Toy.arena(seed: 9), learningRate: 0.01, gradientFactor: 1, groups: Toy.groups())
    for (old, new) in zip(start, weights.values[range]) { #expect(abs(abs(old - new) - 0.01) < 1e-5) }
  }

  @Test("decay without gradient shrinks a weight by exactly rate times decay a step")
  func decayAlone() {
    let weights = Toy.arena(seed: 3)
    let before = weights.values.map { Double($0) }
    let optimizer = AdamW(layout: Toy.layout)
    let groups = Toy.groups(weightDecay: 0.5, undecayed: [])
    for _ in 0..<3 {
      optimizer.step(
        weights: weights, gradients: Arena(layout: Toy.layout), learningRate: 0.1, gradientFactor: 1, groups: groups)
    }
    #expect(relativeError(weights, before.map { $0 * 0.95 * 0.95 * 0.95 }) < 3e-7)
  }
}
