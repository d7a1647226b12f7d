import Tensors
import Testing

/// When a backward pass is through with a parameter.
@Suite struct TapeTests {
  @Test("a parameter's gradient is final after the step of its first use, before the steps of what came earlier")
  func final() {
    var said: [String] = []
    let tape = Tape { said.append("final \($0.name)") }
    let pass = Pass(
      engine: Engine(threads: 1), mode: .training, tape: tape, randomness: Pass.Randomness(seed: 1, step: 0, pass: 0),
      rows: [0])
    let values = [Float](repeating: 1, count: 4)
    values.withUnsafeBufferPointer { values in
      let pointer = UnsafeMutablePointer(mutating: values.baseAddress!)
      let parameters = ["tied", "middle", "frozen"].map { name in
        let parameter = Parameter([4], kind: .weight, initializer: .zeros)
        parameter.bind(name: name, values: pointer)
        return parameter
      }
      parameters[2].isFrozen = true
      func use(_ indices: Int..., number: Int) {
        _ = pass.result([1], from: [], parameters: indices.map { parameters[$0] })
        tape.record { said.append("step \(number)") }
      }
      use(2, number: 1)
      use(0, number: 2)
      use(1, 2, number: 3)
      use(1, 0, number: 4)
      tape.record { said.append("step 5") }
      tape.backward()
    }
    #expect(
      said == ["step 5", "step 4", "step 3", "final middle", "step 2", "final tied", "step 1", "final frozen"])
  }

  /// Two maps whose gradients are in `gradients`, and the dropout between them.
  private static func chain(_ first: Parameter, _ second: Parameter, _ input: Tensor, _ pass: Pass) -> Tensor {
    let places = Coordinates(rows: pass.rows)
    let middle = pass.dropout(pass.linear(input, first, nil), pass.dropoutMask(site: 1, probability: 0.5), places)
    return pass.add(pass.linear(middle, second, nil), input)
  }

  @Test(
    "a recomputed part draws its masks again, gives the same gradients, and ends each parameter's once",
    arguments: [1, 2])
  func recomputed(forwards: Int) {
    let layout = ArenaLayout([("first", [6, 6]), ("second", [6, 6])])
    let weights = Arena(layout: layout)
    RandomStream(seed: 2, purpose: .initialization).fillNormal(weights.values)
    let parameters = layout.slices.map { slice in
      let parameter = Parameter(slice.shape, kind: .weight, initializer: .zeros)
      parameter.bind(name: slice.name, values: weights.pointer + slice.offset)
      return parameter
    }
    let engine = Engine(threads: 1)
    func run(recomputes: Bool) -> (bits: [UInt32], said: [String], masks: Int) {
      let gradients = Arena(layout: layout)
      for (parameter, slice) in zip(parameters, layout.slices) {
        parameter.beginGradient(at: gradients.pointer + slice.offset)
      }
      var said: [String] = []
      let tape = Tape { parameter in
        parameter.endGradient()
        said.append(parameter.name)
      }
      var (inputs, masks): ([Tensor], Int) = ([], 0)
      for number in 0..<forwards {
        let pass = Pass(
          engine: engine, mode: .training, tape: tape, randomness: Pass.Randomness(seed: 1, step: 0, pass: number),
          rows: [0, 1, 2])
        let input = pass.tensor([3, 6])
        RandomStream(seed: 3, purpose: .initialization).fillNormal(input.values)
        // A part that is used twice draws two masks, and a parameter is through where the first of them is.
        let result = (0..<2).reduce(input) { state, _ in
          guard recomputes else { return Self.chain(parameters[0], parameters[1], state, pass) }
          return pass.recomputed(from: [state]) { Self.chain(parameters[0], parameters[1], state, $0) }
        }
        result.seedGradient(0.5)
        inputs.append(input)
        masks += pass.maskCount
      }
      tape.backward()
      let bits = inputs.flatMap { $0.gradient.map { $0.map(\.bitPattern) } ?? [] }
      return (gradients.values.map(\.bitPattern) + bits, said, masks)
    }
    let (kept, again) = (run(recomputes: false), run(recomputes: true))
    #expect(kept.bits.count == layout.count + forwards * 18 && kept.masks == 2 * forwards)
    #expect(again.bits == kept.bits && again.masks == kept.masks)
    #expect(kept.said == ["second", "first"] && again.said == kept.said)
  }

  @Test("what nobody asks a gradient of is not computed again")
  func unused() {
    let engine = Engine(threads: 1)
    let tape = Tape()
    let pass = Pass(
      engine: engine, mode: .training, tape: tape, randomness: Pass.Randomness(seed: 1, step: 0, pass: 0), rows: [0])
    var runs = 0
    func part(of input: Tensor) -> Tensor {
      pass.recomputed(from: [input]) { own in
        runs += 1
        return own.add(input, input)
      }
    }
    let (constant, trained) = (pass.tensor([1, 4], needsGradient: false), pass.tensor([1, 4]))
    for input in [constant, trained] { input.values.update(repeating: 1) }
    #expect(!part(of: constant).needsGradient)
    _ = part(of: trained)
    part(of: trained).seedGradient(1)
    #expect(runs == 3)
    tape.backward()
    #expect(runs == 4 && trained.gradient.map(Array.init) == [2, 2, 2, 2])
  }
}
