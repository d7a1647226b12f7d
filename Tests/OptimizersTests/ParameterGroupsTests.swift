import Optimizers
import Tensors
import Testing

struct ParameterGroupsTests {
  @Test("biases and norms are not decayed, whatever their names")
  func decay() {
    let groups = Toy.groups(weightDecay: 0.01)
    let decayed = groups.members.filter { $0.weightDecay > 0 }.map(\.name)
    #expect(decayed == ["embedding", "first.weight", "second.weight"])
    #expect(Toy.groups(weightDecay: 0.01, undecayed: []).members.allSatisfy { $0.weightDecay == 0.01 })
  }

  @Test("frozen tensors and other ranks' shares are not counted as work")
  func work() {
    let all = Toy.layout.slices.reduce(0) { $0 + $1.shape.count }
    #expect(Toy.groups().trainableCount == all)
    #expect(Toy.groups(frozen: ["second.weight"]).trainableCount == all - 17_100)
    #expect(Toy.groups().restricted(to: 3..<10).trainableCount == 7)
  }
}
