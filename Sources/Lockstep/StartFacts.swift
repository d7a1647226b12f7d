import Data
import Training

extension StartBanner {
  /// What a run of these parts is about to do.
  package init(_ assembly: Assembly, ranks: Int, output: String) {
    let parts = assembly.parts
    self.init()
    (rows, validationRows) = (parts.dataset.rowCount, parts.validation?.rowCount)
    classes = Self.classes(of: parts.dataset, count: parts.model.labels)
    // The parts that are frozen in the first step; others may follow.
    parts.state.freeze(parts.frozenPaths?(0) ?? [])
    let freezing = Freezing([], of: parts.state)
    (trainedWeights, frozenWeights) = (freezing.total - freezing.frozen, freezing.frozen)
    (totalSteps, stepsPerEpoch) = (assembly.settings.totalSteps, max(1, parts.plan.stepsPerEpoch))
    (batch, microbatch) = (assembly.recipe.batch.size, assembly.recipe.batch.microbatch)
    (self.ranks, threads) = (ranks, assembly.engine.workers.count)
    precision = assembly.recipe.precision.rawValue
    kernels = MachineFacts.here.openBLASKernel
    self.output = output
  }

  private static func classes(of rows: any Dataset, count: Int) -> [(name: String, rows: Int)] {
    var counts = [Int](repeating: 0, count: count)
    for row in 0..<rows.rowCount {
      let label = Int(rows.label(row))
      if counts.indices.contains(label) { counts[label] += 1 }
    }
    let names = (rows as? TokenDataset)?.labelNames
    return counts.enumerated().map { index, rows in
      (names.flatMap { $0.indices.contains(index) ? $0[index] : nil } ?? String(index), rows)
    }
  }
}
