import Optimizers
import Tensors
import Testing

struct AveragingTests {
  @Test("an exponential average follows its recurrence, with and without a warm decay", arguments: [false, true])
  func exponential(isWarm: Bool) {
    let average = Toy.arena(seed: 0)
    var twin = average.values.map { Double($0) }
    for update in 1...30 {
      let values = Toy.arena(seed: UInt64(update))
      let decay = isWarm ? Averaging.warmDecay(0.9, update: update) : 0.9
      #expect(!isWarm || decay == min(0.9, Double(1 + update) / Double(10 + update)))
      Averaging.exponential(average, of: values, decay: decay)
      for index in twin.indices { twin[index] = decay * twin[index] + (1 - decay) * Double(values.pointer[index]) }
    }
    #expect(relativeError(average, twin) < 1e-6)
  }

  @Test("a mean of n arenas is their equal mean, and begins as a copy")
  func mean() {
    let average = Toy.arena(seed: 99)
    var sum = [Double](repeating: 0, count: average.count)
    for count in 0..<20 {
      let values = Toy.arena(seed: UInt64(count))
      Averaging.mean(average, adding: values, count: count)
      if count == 0 { #expect(Toy.firstDifference(Toy.bits(average), Toy.bits(values)) == nil) }
      for index in sum.indices { sum[index] += Double(values.pointer[index]) }
    }
    #expect(relativeError(average, sum.map { $0 / 20 }) < 1e-6)
  }

  @Test("an average of values that do not change keeps their bits")
  func fixedPoint() {
    let values = Toy.arena(seed: 3)
    let average = Toy.arena(seed: 3)
    for _ in 0..<10 { Averaging.exponential(average, of: values, decay: 0.999) }
    for count in 1..<10 { Averaging.mean(average, adding: values, count: count) }
    #expect(Toy.firstDifference(Toy.bits(average), Toy.bits(values)) == nil)
  }
}
