import Synchronization
import Tensors

/// The order in which a run sees its rows: a pure function of (seed, epoch), the same on every rank.
///
/// Each epoch holds each row exactly once. The last batch of an epoch may be short; it is never dropped.
public struct BatchPlan: Sendable {
  public let rowCount: Int
  /// Rows of a global batch, whatever the number of ranks.
  public let batchSize: Int
  public let microbatchSize: Int
  public var stepsPerEpoch: Int { (rowCount + batchSize - 1) / batchSize }

  private let lengths: [Int32]?
  private let buckets: Int
  private let seed: UInt64
  private let shuffle: Bool
  private let cache = EpochCache()

  /// A plan.
  ///
  /// - Parameters:
  ///   - lengths: the length of each row; needed for buckets.
  ///   - buckets: the permuted rows are taken in pools of this many global batches and sorted by length within a
  ///     pool, so that a batch holds rows of similar length; then the order of the full batches is drawn anew. 0 and
  ///     1: no pools.
  ///   - shuffle: false keeps the order of the rows (and of the sorted pools).
  /// - Throws: `BatchPlanError`.
  public init(
    rowCount: Int, lengths: [Int32]? = nil, batchSize: Int, microbatchSize: Int, buckets: Int = 0, seed: UInt64,
    shuffle: Bool = true
  ) throws(BatchPlanError) {
    require(lengths.map { $0.count == rowCount } ?? true, "\(lengths?.count ?? 0) lengths for \(rowCount) rows")
    guard rowCount > 0 else { throw .noRows }
    guard batchSize > 0 else { throw .notPositive(key: "batch.size", value: batchSize) }
    guard microbatchSize > 0 else { throw .notPositive(key: "batch.microbatch", value: microbatchSize) }
    guard batchSize % microbatchSize == 0 else {
      throw .indivisible(batchSize: batchSize, microbatchSize: microbatchSize)
    }
    self.rowCount = rowCount
    self.lengths = lengths
    self.batchSize = batchSize
    self.microbatchSize = microbatchSize
    self.buckets = buckets
    self.seed = seed
    self.shuffle = shuffle
  }

  /// The plan of a step, counted from 0 over the whole run; independent of which steps were asked for before.
  public func step(_ globalStep: Int) -> StepPlan {
    require(globalStep >= 0, "there is no step \(globalStep)")
    let (epoch, index) = globalStep.quotientAndRemainder(dividingBy: stepsPerEpoch)
    let order = cache.order(of: epoch) { self.order(ofEpoch: epoch) }
    let rows = order[index * batchSize..<min((index + 1) * batchSize, rowCount)].map(Int.init)
    return StepPlan(
      step: globalStep, epoch: epoch, indexInEpoch: index, rows: rows,
      microbatches: ranges(of: rows.count, size: microbatchSize))
  }

  private func order(ofEpoch epoch: Int) -> [Int32] {
    let rows =
      shuffle
      ? RandomStream(seed: seed, purpose: .shuffle, step: epoch).permutation(of: rowCount) : Array(0..<rowCount)
    guard buckets > 1, let lengths else { return rows.map(Int32.init) }
    var sorted: [Int32] = []
    sorted.reserveCapacity(rowCount)
    for pool in ranges(of: rowCount, size: buckets * batchSize) {
      // Swift's sort is stable: rows of one length stay in the order of the permutation.
      sorted += rows[pool].sorted { lengths[$0] < lengths[$1] }.map(Int32.init)
    }
    guard shuffle else { return sorted }
    let fullBatches = rowCount / batchSize
    let batches = RandomStream(seed: seed, purpose: .batchOrder, step: epoch).permutation(of: fullBatches)
    return batches.flatMap { sorted[$0 * batchSize..<($0 + 1) * batchSize] } + sorted[(fullBatches * batchSize)...]
  }
}

/// The orders of the epochs asked for last: two, because reading ahead crosses the border between epochs.
private final class EpochCache: Sendable {
  private let orders = Mutex<[(epoch: Int, rows: [Int32])]>([])

  func order(of epoch: Int, compute: () -> [Int32]) -> [Int32] {
    orders.withLock { orders in
      if let known = orders.first(where: { $0.epoch == epoch }) { return known.rows }
      let rows = compute()
      if orders.count == 2 { orders.removeFirst() }
      orders.append((epoch, rows))
      return rows
    }
  }
}
