import Tensors
import Testing

@Suite("A caller's mistake")
struct RequireTests {
  @Test("ends the program with both shapes on standard error, whether it is optimized or not")
  func shapes() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let pass = Pass(
        engine: Engine(), mode: .evaluation, tape: nil, randomness: Pass.Randomness(seed: 1, step: 0, pass: 0),
        rows: [0])
      _ = pass.add(pass.tensor([2, 3]), pass.tensor([3, 2]))
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("Fatal error: tensors of shapes [2, 3] and [3, 2] cannot be summed"), "\(text)")
  }
}
