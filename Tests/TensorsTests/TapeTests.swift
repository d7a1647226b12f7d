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
}
