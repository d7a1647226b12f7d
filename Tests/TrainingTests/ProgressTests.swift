import Console
import Runs
import Testing

import Training

@Suite("What is shown of a run")
struct ProgressTests {
  private var banner: StartBanner {
    var banner = StartBanner()
    (banner.rows, banner.validationRows) = (67349, 872)
    banner.classes = [("negative", 29780), ("positive", 37569)]
    (banner.trainedWeights, banner.frozenWeights) = (10_000_000, 12_713_986)
    (banner.totalSteps, banner.stepsPerEpoch, banner.batch, banner.microbatch) = (6315, 2105, 32, 16)
    (banner.ranks, banner.threads, banner.precision, banner.kernels) = (2, 1, "fp32", "SkylakeX")
    banner.output = "output/run"
    return banner
  }

  @Test("the banner says in five lines what the run is about to do")
  func bannerOfEpochs() {
    #expect(
      banner.lines(fromStep: 0) == [
        "rows        67,349 to train, 872 to validate; 2 classes: negative (29,780), positive (37,569)",
        "parameters  22,713,986: 10,000,000 trained, 12,713,986 frozen",
        "steps       3 epochs × 2,105 steps = 6,315, batch 32 in microbatches of 16",
        "ranks       2 × 1 thread, fp32, OpenBLAS kernels SkylakeX",
        "output      output/run",
      ])
  }

  @Test("the banner says from which step a run is resumed, and what is not whole epochs")
  func bannerOfSteps() {
    var banner = banner
    (banner.totalSteps, banner.stepsPerEpoch, banner.validationRows) = (30, 12, nil)
    banner.classes = (0..<100).map { (String($0), 1) }
    let lines = banner.lines(fromStep: 12)
    #expect(lines.count == 5)
    #expect(
      lines[0].hasSuffix(
        "none to validate; 100 classes: 0 (1), 1 (1), 2 (1), 3 (1), 4 (1), 5 (1), 6 (1), 7 (1) and 92 more"))
    #expect(lines[2] == "steps       30, 2.50 epochs of 12 steps, batch 32 in microbatches of 16")
    #expect(lines[4] == "output      output/run, resumed after step 12")
  }

  @Test("steps are counted within their epoch, and both from 1")
  func position() {
    func position(_ step: Int) -> [Int] {
      let position = StepPosition(step, of: 30, stepsPerEpoch: 12)
      return [position.epoch, position.epochs, position.step, position.steps, position.percent]
    }
    #expect(position(1) == [1, 3, 1, 12, 8])
    #expect(position(12) == [1, 3, 12, 12, 100])
    #expect(position(13) == [2, 3, 1, 12, 8])
    #expect(position(25) == [3, 3, 1, 6, 16])
    #expect(position(30) == [3, 3, 6, 6, 100])
    #expect(StepPosition(5, of: 8, stepsPerEpoch: nil).epochText == "epoch 1/1 ")
    #expect(StepPosition(5, of: 8, stepsPerEpoch: 12).steps == 8)
  }

  @Test("what is not a number has no sign")
  func notANumber() {
    var report = EvaluationReport(step: 3, weights: "raw", rows: 4, loss: -.nan, metrics: [("matthews", -.nan)])
    #expect(ProgressBar.text(report) == "step 3, validation: loss not a number, matthews not a number")
    report.loss = -.infinity
    #expect(ProgressBar.text(report).contains("loss minus infinity"))
    #expect(TrainingError.alwaysOverflows(step: 1, scale: 1).description.contains("loss scale 1"))
    #expect((-Double.nan).text(digits: 2) == "not a number" && 0.000018.text(digits: 2) == "1.8e-05")
    #expect((-0.5).text(decimals: 4) == "-0.5000")
  }

  @Test("thousands are set apart")
  func grouped() {
    #expect([0, 7, 999, 1000, 12345, 1_234_567].map(\.grouped) == ["0", "7", "999", "1,000", "12,345", "1,234,567"])
    #expect([0, 1, 2106].map { $0.of("step") } == ["0 steps", "1 step", "2,106 steps"])
    #expect([1, 2].map { $0.of("class", "classes") } == ["1 class", "2 classes"])
    #expect((-1234).grouped == "-1,234" && Int.min.grouped == "-9,223,372,036,854,775,808")
  }

  @Test("times are clocks")
  func clock() {
    #expect([0, 59.9, 61, 3723].map(ClockText.of(seconds:)) == ["00:00", "00:59", "01:01", "1:02:03"])
    #expect(ClockText.of(seconds: .infinity) == "?" && ClockText.of(seconds: -.nan) == "?")
  }
}
