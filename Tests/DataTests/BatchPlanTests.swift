import Data
import Testing

struct BatchPlanTests {
  /// Lengths between 3 and 66 that have nothing to do with the order of the rows.
  private func lengths(_ count: Int) -> [Int32] { (0..<count).map { Int32(($0 &* 2_654_435_761) >> 7 & 63 + 3) } }

  private func plan(
    rows: Int, batch: Int, microbatch: Int? = nil, buckets: Int = 0, seed: UInt64 = 1, shuffle: Bool = true
  ) throws -> BatchPlan {
    try BatchPlan(
      rowCount: rows, lengths: lengths(rows), batchSize: batch, microbatchSize: microbatch ?? batch, buckets: buckets,
      seed: seed, shuffle: shuffle)
  }

  private func rows(_ plan: BatchPlan, epoch: Int) -> [Int] {
    (0..<plan.stepsPerEpoch).flatMap { plan.step(epoch * plan.stepsPerEpoch + $0).rows }
  }

  @Test(
    "Each row comes exactly once per epoch, and only the last batch is short", arguments: [1, 2, 7, 31, 32, 33, 100],
    [0, 1, 2, 3, 100])
  func everyRowOnce(rowCount: Int, buckets: Int) throws {
    for batch in [1, 4, 8, 32] {
      let plan = try plan(rows: rowCount, batch: batch, microbatch: batch == 1 ? 1 : batch / 2, buckets: buckets)
      for epoch in 0..<3 {
        #expect(rows(plan, epoch: epoch).sorted() == Array(0..<rowCount), "batch \(batch), epoch \(epoch)")
      }
      let sizes = (0..<plan.stepsPerEpoch).map { plan.step($0).rows.count }
      #expect(sizes.dropLast().allSatisfy { $0 == batch })
    }
  }

  @Test("A step's plan does not depend on which steps were asked for before", arguments: [0, 5])
  func anyOrder(buckets: Int) throws {
    let forward = try plan(rows: 101, batch: 8, buckets: buckets)
    let backward = try plan(rows: 101, batch: 8, buckets: buckets)
    let steps = 0..<5 * forward.stepsPerEpoch
    let plans = steps.map { forward.step($0) }
    for step in steps.reversed() { #expect(backward.step(step) == plans[step]) }
    #expect(forward.step(17) == plans[17])
  }

  @Test("Epochs and seeds differ; the same seed gives the same order", arguments: [0, 4])
  func seeds(buckets: Int) throws {
    let one = try plan(rows: 64, batch: 8, buckets: buckets, seed: 1)
    let again = try plan(rows: 64, batch: 8, buckets: buckets, seed: 1)
    let two = try plan(rows: 64, batch: 8, buckets: buckets, seed: 2)
    #expect(rows(one, epoch: 0) == rows(again, epoch: 0))
    #expect(rows(one, epoch: 0) != rows(one, epoch: 1))
    #expect(rows(one, epoch: 0) != rows(two, epoch: 0))
  }

  @Test("The microbatches cut the global batch without a gap, the size of the microbatch changes nothing else")
  func microbatches() throws {
    let coarse = try plan(rows: 45, batch: 12, microbatch: 12)
    let fine = try plan(rows: 45, batch: 12, microbatch: 4)
    for step in 0..<8 {
      #expect(coarse.step(step).rows == fine.step(step).rows)
      #expect(coarse.step(step).microbatches == [0..<coarse.step(step).rows.count])
    }
    #expect(fine.step(0).microbatches == [0..<4, 4..<8, 8..<12])
    #expect(fine.step(3).microbatches == [0..<4, 4..<8, 8..<9])
    #expect(fine.step(7).epoch == 1)
    #expect(fine.step(7).indexInEpoch == 3)
  }

  @Test("Buckets put rows of similar length together, and the batches do not come sorted")
  func buckets() throws {
    let lengths = lengths(1000)
    func spread(_ plan: BatchPlan) -> Int {
      (0..<plan.stepsPerEpoch).reduce(0) { sum, step in
        let batch = plan.step(step).rows.map { Int(lengths[$0]) }
        return sum + (batch.max() ?? 0) - (batch.min() ?? 0)
      }
    }
    let bucketed = try plan(rows: 1000, batch: 10, buckets: 50)
    #expect(spread(bucketed) * 10 < spread(try plan(rows: 1000, batch: 10)))
    let firsts = (0..<bucketed.stepsPerEpoch).map { lengths[bucketed.step($0).rows[0]] }
    #expect(zip(firsts, firsts.dropFirst()).filter { $0 > $1 }.count > 20)
  }

  @Test("Without shuffling the rows keep their order")
  func unshuffled() throws {
    #expect(rows(try plan(rows: 10, batch: 4, shuffle: false), epoch: 3) == Array(0..<10))
  }

  @Test(
    "A plan that cannot be is refused with both sizes and what to do",
    arguments: [
      (10, 12, 5, "batch.microbatch: 5 does not divide batch.size 12: choose a divisor of 12"),
      (10, 0, 1, "batch.size: 0 is below 1: give a whole number from 1"),
      (10, 4, -1, "batch.microbatch: -1 is below 1: give a whole number from 1"),
      (0, 4, 2, "the data has no rows: give a file with at least one"),
    ])
  func refused(rowCount: Int, batch: Int, microbatch: Int, message: String) {
    #expect(
      performing: {
        try BatchPlan(rowCount: rowCount, batchSize: batch, microbatchSize: microbatch, seed: 0)
      }, throws: { "\($0)" == message })
  }
}
