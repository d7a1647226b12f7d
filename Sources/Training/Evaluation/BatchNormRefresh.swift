import Data
import DataParallel
import Layers
import Tensors

/// Makes the running statistics of a model's batch norms anew for the weights that it reads at present.
package final class BatchNormRefresh {
  private let parts: TrainingParts
  private let settings: TrainingSettings
  private let replicas: DataParallelGroup
  private let engine: Tensors.Engine

  package init(parts: TrainingParts, settings: TrainingSettings, replicas: DataParallelGroup, engine: Tensors.Engine) {
    self.parts = parts
    self.settings = settings
    self.replicas = replicas
    self.engine = engine
  }

  /// Whether there is something to refresh: the same answer on all ranks.
  package func isNeeded(_ method: StatisticsRefresh) -> Bool {
    method != .none && parts.state.batchNorms.contains { !$0.isFrozen }
  }

  /// Overwrites the running statistics; all ranks together.
  package func callAsFunction(_ method: StatisticsRefresh, step: Int) throws {
    switch method {
    case .none: return
    case .parity, .pooled: settle(try sweep(settled: [], step: step), method)
    case .layered:
      var settled: Set<Int> = []
      while settled.count < parts.state.batchNorms.count {
        let summaries = try sweep(settled: settled, firstOnly: true, step: step)
        if summaries.isEmpty { return }
        settle(summaries, method)
        settled.formUnion(summaries.keys)
      }
    }
  }

  private func settle(_ summaries: [Int: Summary], _ method: StatisticsRefresh) {
    for (site, summary) in summaries {
      if method == .parity {
        parts.state.batchNorms[site].settle(means: summary.means, variances: summary.variances)
      } else {
        parts.state.batchNorms[site].settle(
          means: summary.pooled.means, variances: summary.pooled.unbiasedVariances)
      }
    }
  }

  /// What each batch norm sees in one pass over the training data.
  ///
  /// - Parameters:
  ///   - settled: batch norms that use their running statistics already.
  ///   - firstOnly: only the first of the others is looked at.
  private func sweep(settled: Set<Int>, firstOnly: Bool = false, step: Int) throws -> [Int: Summary] {
    var summaries: [Int: Summary] = [:]
    for index in 0..<parts.plan.stepsPerEpoch {
      let plan = parts.plan.step(index)
      let own = replicas.share(of: plan.microbatches.count).flatMap { leaf in
        let observations = observe(parts.dataset.microbatch(leaf, of: plan), settled: settled)
        return firstOnly ? Array(observations.prefix(1)) : observations
      }
      for observation in try replicas.gather(own, name: "batch norm refresh", step: step) {
        summaries[observation.site, default: Summary(observation.moments.means.count)].add(observation.moments)
      }
    }
    return summaries
  }

  private func observe(_ microbatch: Microbatch, settled: Set<Int>) -> [BatchStatistics.Observation] {
    let statistics = BatchStatistics(settled: settled)
    let pass = Pass(
      engine: engine, mode: .evaluation, tape: nil,
      randomness: Pass.Randomness(seed: settings.seed, step: 0, pass: 0), rows: microbatch.rows,
      precision: settings.precision, statistics: statistics)
    _ = parts.model(microbatch, pass)
    return statistics.observations
  }
}

/// What one batch norm saw of many microbatches, in their order.
private struct Summary {
  private(set) var pooled: ChannelMoments
  /// Cumulative means over batches of the means and of the unbiased variances.
  private(set) var means: [Double]
  private(set) var variances: [Double]
  private var batches = 0.0

  init(_ channels: Int) {
    means = [Double](repeating: 0, count: channels)
    variances = means
    pooled = ChannelMoments(count: 0, means: means, squares: means)
  }

  mutating func add(_ moments: ChannelMoments) {
    pooled.merge(moments)
    batches += 1
    let unbiased = moments.unbiasedVariances
    for channel in means.indices {
      means[channel] += (moments.means[channel] - means[channel]) / batches
      variances[channel] += (unbiased[channel] - variances[channel]) / batches
    }
  }
}
