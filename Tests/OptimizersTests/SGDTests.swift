import Optimizers
import Tensors
import Testing

struct SGDTests {
  @Test(
    "many steps follow the formula, decay coupled and on every tensor",
    arguments: [(0.0, false), (0.9, false), (0.9, true)])
  func followsTheFormula(momentum: Double, isNesterov: Bool) {
    let weights = Toy.arena(seed: 1)
    let optimizer = SGD(layout: Toy.layout, momentum: momentum, isNesterov: isNesterov)
    let groups = Toy.groups(weightDecay: 0.01, undecayed: [])
    var twins = weights.values.map { (weight: Double($0), buffer: Double?.none) }
    for step in 0..<25 {
      let gradients = Toy.arena(seed: 100 + UInt64(step), scale: 3)
      optimizer.step(
        weights: weights, gradients: gradients, learningRate: 0.02, gradientFactor: 0.5, groups: groups)
      for index in twins.indices {
        var gradient = Double(gradients.pointer[index]) * 0.5 + 0.01 * twins[index].weight
        let buffer = twins[index].buffer.map { momentum * $0 + gradient } ?? gradient
        twins[index].buffer = buffer
        gradient = isNesterov ? gradient + momentum * buffer : buffer
        twins[index].weight -= 0.02 * gradient
      }
    }
    #expect(relativeError(weights, twins.map(\.weight)) < 2e-6)
  }

  @Test("without momentum there is nothing to save")
  func noState() {
    #expect(SGD(layout: Toy.layout, momentum: 0).state.isEmpty)
    #expect(SGD(layout: Toy.layout, momentum: 0.9).state.map(\.name) == ["momentum"])
  }
}
