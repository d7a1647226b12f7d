import Layers
import Tensors
import Testing

@Suite struct ModuleTests {
  private final class Head: Module {
    let linear = Linear(4, 2)
    let dropout = Dropout(0.5)
    var checkpointNames: [String: String] { ["linear": ""] }
  }

  private final class Network: Module {
    let wordEmbeddings = Embedding(5, 4)
    let layer = [Linear(4, 4), Linear(4, 4)]
    let norm = LayerNorm(4)
    let extra: Linear?
    let dropout = Dropout(0.1)
    let head = Head()
    let runningMean = RunningState([4], initialValue: 0.25)
    var checkpointNames: [String: String] { ["norm": "LayerNorm"] }

    init(hasExtra: Bool = false) { extra = hasExtra ? Linear(4, 1) : nil }
  }

  @Test("names follow the properties in snake case, arrays by index, and what checkpointNames says")
  func names() {
    let names = ModelState(Network(), seed: 1).layout.slices.map(\.name)
    #expect(
      names == [
        "word_embeddings.weight", "layer.0.weight", "layer.0.bias", "layer.1.weight", "layer.1.bias",
        "LayerNorm.weight", "LayerNorm.bias", "head.weight", "head.bias",
      ])
    #expect(ModelState(Network(hasExtra: true), seed: 1).layout["extra.weight"] != nil)
  }

  @Test("first weights are functions of the seed and the name: another model's tensors of that name are the same")
  func initialization() {
    let small = ModelState(Network(), seed: 7)
    let large = ModelState(Network(hasExtra: true), seed: 7)
    let other = ModelState(Network(), seed: 8)
    func same(_ first: ModelState, _ second: ModelState, _ name: String) -> Bool {
      first.weights[name]!.elementsEqual(second.weights[name]!)
    }
    #expect(same(small, large, "head.weight"))
    #expect(!same(small, other, "head.weight"))
    #expect(!small.weights["layer.0.weight"]!.elementsEqual(small.weights["layer.1.weight"]!))
    #expect(small.weights["LayerNorm.weight"]!.allSatisfy { $0 == 1 })
    #expect(small.weights["head.bias"]!.allSatisfy { $0 == 0 })
    #expect(small.buffers["running_mean"]!.allSatisfy { $0 == 0.25 })
  }

  @Test("dropout sites are numbered in the order of the tree, so that no two share their masks")
  func sites() {
    let network = Network()
    _ = ModelState(network, seed: 1)
    #expect(network.dropout.site != network.head.dropout.site)
  }

  @Test("a dropout that a pass uses again draws another mask, and the same ones in the same order in another pass")
  func uses() throws {
    let network = Network()
    _ = ModelState(network, seed: 1)
    func masks(_ count: Int) -> [DropoutMask?] {
      let pass = Pass(
        engine: Engine(), mode: .training, tape: nil, randomness: Pass.Randomness(seed: 1, step: 2, pass: 0), rows: [0])
      return (0..<count).map { _ in network.dropout.mask(pass) }
    }
    let twelve = masks(12)
    #expect(Set(twelve).count == 12)
    #expect(masks(3) == Array(twelve.prefix(3)))
    // The first use draws what it drew before uses were counted.
    let site = RandomStream(seed: 1, purpose: .dropout, step: 2, pass: 0, site: network.dropout.site)
    #expect(twelve[0]?.stream == site)
  }

  @Test("freezing a path freezes all below it and nothing beside it; another call thaws")
  func freezing() {
    let network = Network()
    let state = ModelState(network, seed: 1)
    #expect(state.freeze(["layer.0", "head", "layer.1.weigh"]) == ["layer.1.weigh"])
    let frozen = zip(state.layout.slices, state.parameters).filter { $1.isFrozen }.map(\.0.name)
    #expect(frozen == ["layer.0.weight", "layer.0.bias", "head.weight", "head.bias"])
    #expect(network.head.dropout.isFrozen && !network.dropout.isFrozen)
    #expect(state.freeze([]) == [])
    #expect(state.parameters.allSatisfy { !$0.isFrozen })
    #expect(!network.head.dropout.isFrozen)
  }

  @Test("other weights are read within withWeights and never after it, though it throws")
  func otherWeights() {
    struct Stop: Error {}
    let network = Network()
    let state = ModelState(network, seed: 1)
    let other = Arena(layout: state.layout)
    let before = Array(network.norm.weight.values)
    #expect(throws: Stop.self) {
      try state.withWeights(other) {
        #expect(network.norm.weight.values.allSatisfy { $0 == 0 })
        throw Stop()
      }
    }
    #expect(Array(network.norm.weight.values) == before)
  }

  @Test("a model keeps its weights alive by itself")
  func lifetime() {
    let network = Network()
    weak var arena: Arena?
    do {
      let state = ModelState(network, seed: 1)
      arena = state.weights
    }
    #expect(arena != nil)
    #expect(network.norm.weight.values.allSatisfy { $0 == 1 })
  }

  @Test("a parameter that nothing contributed to has gradient zero, whatever was in the arena")
  func gradients() {
    let state = ModelState(Network(), seed: 1)
    let arena = Arena(layout: state.layout)
    arena.values.update(repeating: 3)
    state.beginGradients(in: arena)
    state.endGradients()
    #expect(state.layout.slices.allSatisfy { arena[$0.name]!.allSatisfy { $0 == 0 } })
  }
}
