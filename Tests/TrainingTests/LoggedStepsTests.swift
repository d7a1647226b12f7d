import Runs
import Testing

@Suite("The steps of a ledger that has lost lines")
struct LoggedStepsTests {
  @Test("are named with those that are missing")
  func missing() {
    #expect(LoggedSteps([1, 2, 3]).missing(through: 3) == [])
    #expect(LoggedSteps([]).missing(through: 3) == [1...3])
    #expect(LoggedSteps([2, 3, 5, 9]).missing(through: 7) == [1...1, 4...4, 6...7])
    #expect(LoggedSteps([1, 2]).missing(through: 0) == [])
    #expect(LoggedSteps.text(of: [4...4]) == "step 4")
    #expect(LoggedSteps.text(of: [1...1, 4...4, 6...7]) == "step 1 and 3 more")
    #expect(LoggedSteps.text(of: [1...9]) == "steps 1 to 9")
  }

  @Test(
    "are whole again from the newest checkpoint before the loss; from none where the loss is before all of them",
    arguments: [
      (Array(1...30), [24, 28, 30], nil), (Array(1...29), [24, 28, 30], 28), (Array(1...27), [24, 28, 30], 24),
      (Array(1...22), [24, 28, 30], nil), ([], [24, 28], nil), (Array(1...30).filter { $0 != 26 }, [24, 28, 30], 24),
      // A run that was continued from another folder begins later.
      (Array(21...29), [24, 28, 30], 28), (Array(21...30), [24, 28, 30], nil), (Array(1...29), [30], nil),
    ] as [([Int], [Int], Int?)])
  func choice(steps: [Int], checkpoints: [Int], expected: Int?) {
    #expect(LoggedSteps(steps).checkpoint(among: checkpoints) == expected)
  }
}
