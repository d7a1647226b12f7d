import Scores
import Testing

@Suite("Calibration")
struct CalibrationTests {
  @Test("gives the expected error that follows by hand")
  func byHand() {
    var calibration = Calibration(bins: 10)
    // Four of five right at 0.95, and one of two at 0.65: both bins are too sure by 0.15.
    for isCorrect in [true, true, true, true, false] { calibration.add(confidence: 0.95, isCorrect: isCorrect) }
    for isCorrect in [true, false] { calibration.add(confidence: 0.65, isCorrect: isCorrect) }
    #expect(abs(calibration.expectedError - (5 * 0.15 + 2 * 0.15) / 7) < 1e-12)
    #expect(abs(calibration.largestError - 0.15) < 1e-12)
    #expect(calibration.count == 7 && calibration.bins[9].correct == 4 && calibration.bins[6].accuracy == 0.5)
  }

  @Test("puts the bounds of a bin where the paper does: the upper one belongs to it")
  func bounds() {
    var calibration = Calibration(bins: 4)
    for confidence in [0, 0.25, 0.250001, 0.5, 0.75, 0.76, 1] {
      calibration.add(confidence: confidence, isCorrect: true)
    }
    #expect(calibration.bins.map(\.count) == [2, 2, 1, 2])
  }

  @Test("of predictions that are right as often as they are sure is without error, of none as well")
  func perfect() {
    var calibration = Calibration(bins: 5)
    #expect(calibration.expectedError == 0 && calibration.largestError == 0)
    for isCorrect in [true, true, true, false] { calibration.add(confidence: 0.75, isCorrect: isCorrect) }
    #expect(calibration.expectedError == 0)
  }
}
