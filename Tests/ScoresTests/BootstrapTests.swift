import Scores
import Testing

@Suite("Bootstrap intervals")
struct BootstrapTests {
  @Test("draw from SplitMix64, as published")
  func generator() {
    // The first outputs of the authors' C code with the seed 1234567.
    let outputs: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
      16_408_922_859_458_223_821,
    ]
    #expect((0..<5).map { Bootstrap.output($0, seed: 1_234_567) } == outputs)
  }

  @Test("are a function of the seed, and draw every row about as often as another")
  func draws() {
    let bootstrap = Bootstrap(resamples: 2, seed: 4)
    #expect(bootstrap.draws(resample: 3, of: 50) == Bootstrap(resamples: 9, seed: 4).draws(resample: 3, of: 50))
    #expect(bootstrap.draws(resample: 3, of: 50) != bootstrap.draws(resample: 4, of: 50))
    #expect(bootstrap.draws(resample: 3, of: 50) != Bootstrap(resamples: 2, seed: 5).draws(resample: 3, of: 50))
    #expect(bootstrap.draws(resample: 0, of: 0).isEmpty)
    var counts = [Int](repeating: 0, count: 10)
    for resample in 0..<1000 { for row in bootstrap.draws(resample: resample, of: 10) { counts[row] += 1 } }
    // Binomial with 10,000 draws: five standard deviations are 150.
    #expect(counts.allSatisfy { abs($0 - 1000) < 150 }, "\(counts)")
  }

  @Test("of a share have the width of the binomial distribution")
  func width() {
    let rows = ScoredRows(
      width: 2, outputs: (0..<400).flatMap { $0 < 320 ? [0.2, 0.8] : [0.8, 0.2] },
      targets: [Double](repeating: 1, count: 400))
    let accuracy = ClassMeasures.all(classes: 2).named("accuracy")!
    let interval = Bootstrap(resamples: 2000, seed: 1).intervals(of: [accuracy], on: rows)[0]
    // 0.8 ± 1.96 × √(0.8 × 0.2 / 400)
    #expect(abs(interval.low - 0.7608) < 0.004 && abs(interval.high - 0.8392) < 0.004 && interval.undefined == 0)
    let narrow = Bootstrap(resamples: 2000, seed: 1, level: 0.5).intervals(of: [accuracy], on: rows)[0]
    #expect(abs(narrow.high - narrow.low - 2 * 0.6745 * 0.02) < 0.004)
  }

  @Test("are numpy's percentiles of the values of the resamples")
  func percentiles() {
    let rows = ScoredRows(width: 1, outputs: [3, 1, 4, 1, 5, 9, 2, 6], targets: [Double](repeating: 0, count: 8))
    let first = Measure(name: "first", isLargerBetter: true) { $0.outputs[0] }
    let bootstrap = Bootstrap(resamples: 41, seed: 9, level: 0.9)
    let values = (0..<41).map { rows.outputs[bootstrap.draws(resample: $0, of: 8)[0]] }.sorted()
    // Percentiles 5 and 95 of 41 values are the third from each end.
    let interval = bootstrap.intervals(of: [first], on: rows)[0]
    #expect(interval.low == values[2] && interval.high == values[38])
    let between = Bootstrap(resamples: 2, seed: 9, level: 0.5)
    let pair = (0..<2).map { rows.outputs[between.draws(resample: $0, of: 8)[0]] }.sorted()
    let quarter = between.intervals(of: [first], on: rows)[0]
    #expect(agree(quarter.low, pair[0] + (pair[1] - pair[0]) / 4))
    #expect(agree(quarter.high, pair[0] + (pair[1] - pair[0]) * 3 / 4))
  }

  @Test("leave out resamples on which a measure is undefined, and count them")
  func undefined() {
    let rows = ScoredRows(width: 2, outputs: [0.9, 0.1, 0.4, 0.6, 0.3, 0.7], targets: [0, 1, 1])
    let area = ClassMeasures.all(classes: 2).named("roc_auc")!
    let interval = Bootstrap(resamples: 500, seed: 2).intervals(of: [area], on: rows)[0]
    // All three draws are of one class with probability 1/27 + 8/27.
    #expect(abs(Double(interval.undefined) / 500 - 1.0 / 3) < 0.1)
    #expect(interval.low == 1 && interval.high == 1)
    let never = Measure(name: "never", isLargerBetter: true) { _ in .nan }
    let empty = Bootstrap(resamples: 3).intervals(of: [never], on: rows)[0]
    #expect(empty.low.isNaN && empty.high.isNaN && empty.undefined == 3)
  }
}
