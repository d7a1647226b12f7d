import Training

extension StartBanner {
  /// What a run of these parts is about to do.
  package init(_ assembly: Assembly, ranks: Int, output: String) {
    let parts = assembly.parts
    self.init()
    (rows, validationRows) = (parts.dataset.rowCount, parts.validation?.rowCount)
    (targets, classes) = (assembly.targets.text, assembly.classes.map { ($0.name, $0.rows) })
    // The parts that are frozen in the first step; others may follow.
    parts.state.freeze(parts.frozenPaths?(0) ?? [])
    let freezing = Freezing([], of: parts.state)
    (trainedWeights, frozenWeights) = (freezing.total - freezing.frozen, freezing.frozen)
    (totalSteps, stepsPerEpoch) = (assembly.settings.totalSteps, max(1, parts.plan.stepsPerEpoch))
    (batch, microbatch) = (assembly.recipe.batch.size, assembly.recipe.batch.microbatch)
    (self.ranks, threads) = (ranks, assembly.engine.workers.count)
    precision = assembly.recipe.precision.rawValue
    if assembly.recipe.numerics == .library { kernels = MachineFacts.here.openBLASKernel }
    self.output = output
  }
}
