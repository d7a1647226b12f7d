import Optimizers
import Tensors
import Testing

struct LookaheadTests {
  @Test("every k steps the weights fall back to the slow weights", arguments: [(3, 0.5), (2, 0.8)])
  func pullsBack(interval: Int, fraction: Double) {
    let weights = Toy.arena(seed: 4)
    let optimizer = Lookahead(
      SGD(layout: Toy.layout, momentum: 0), weights: weights, interval: interval, fraction: fraction)
    var fast = weights.values.map { Double($0) }
    var slow = fast
    for step in 1...8 {
      let gradients = Toy.arena(seed: UInt64(step))
      optimizer.step(
        weights: weights, gradients: gradients, learningRate: 0.1, gradientFactor: 1, groups: Toy.groups())
      for index in fast.indices { fast[index] -= 0.1 * Double(gradients.pointer[index]) }
      if step % interval == 0 {
        for index in fast.indices { slow[index] += fraction * (fast[index] - slow[index]) }
        fast = slow
      }
      #expect(relativeError(weights, fast) < 1e-6)
    }
    #expect(optimizer.state.map(\.name) == ["slow_weights"])
    #expect(relativeError(optimizer.state[0].arena, slow) < 1e-6)
  }
}
