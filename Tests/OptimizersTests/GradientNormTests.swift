import Optimizers
import Tensors
import Testing

struct GradientNormTests {
  @Test("the norm is that of the trainable tensors, of the gradient times the factor")
  func value() {
    let gradients = Toy.arena(seed: 5)
    let range = Toy.layout["second.weight"]!.range
    let sum = Toy.layout.slices.filter { $0.name != "second.weight" }.flatMap { Array($0.range) }
      .reduce(0.0) { $0 + Double(gradients.pointer[$1]) * Double(gradients.pointer[$1]) }
    let groups = Toy.groups(frozen: ["second.weight"])
    gradients.pointer[range.lowerBound] = .nan
    let norm = GradientNorm.norm(of: gradients, factor: 0.5, groups: groups)
    #expect(abs(norm - 0.5 * sum.squareRoot()) < 1e-12 * norm)
  }

  @Test("blocks and lanes are added in the stated order, so the bits never depend on threads")
  func bits() {
    let gradients = Toy.arena(seed: 6)
    var total = 0.0
    for slice in Toy.layout.slices {
      for start in stride(from: slice.range.lowerBound, to: slice.range.upperBound, by: 4096) {
        var lanes = [Double](repeating: 0, count: 16)
        for index in start..<min(start + 4096, slice.range.upperBound) {
          let value = Double(gradients.pointer[index] * 0.3)
          lanes[(index - start) % 16] += value * value
        }
        for half in [8, 4, 2, 1] { for lane in 0..<half { lanes[lane] += lanes[lane + half] } }
        total += lanes[0]
      }
    }
    for threads in [1, 2, 3] {
      let norm = GradientNorm.norm(
        of: gradients, factor: 0.3, groups: Toy.groups(), workers: Workers(count: threads))
      #expect(norm == total.squareRoot())
    }
  }

  @Test(
    "a gradient that is not finite has a norm that is not finite and no clipping factor",
    arguments: [
      Float.infinity, -.infinity, .nan,
    ])
  func notFinite(value: Float) {
    let gradients = Toy.arena(seed: 6)
    gradients.pointer[Toy.layout["second.bias"]!.offset] = value
    let norm = GradientNorm.norm(of: gradients, groups: Toy.groups())
    #expect(!norm.isFinite)
    #expect(Clipping().factor(norm: norm) == nil)
  }

  @Test("clipping scales down to the maximum and never up", arguments: [0, 0.5, 1, 4, 1e9])
  func clipping(norm: Double) {
    #expect(Clipping(maximum: 1).factor(norm: norm) == (norm < 1 ? 1 : 1 / (norm + 1e-6)))
  }
}
