import Lockstep

/// Steps that replace gradient, adversary and update of the trainer's own.
enum OwnStep {
  /// Sharpness-aware minimisation (Foret et al. 2021): the weights climb by `radius` along the gradient, the gradient there is
  /// the one that counts, and the weights go back before the update.
  static func sharpnessAware(_ trainer: Trainer, radius: Float) throws -> StepReport {
    let weights = trainer.state.weights
    return try trainer.advance { batch in
      try batch.backward(batch.forward())
      let norm = batch.gradients.values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      let backup = Array(weights.values)
      for index in weights.values.indices {
        weights.values[index] += radius * batch.gradients.values[index] / Float(norm)
      }
      try batch.zeroGradients()
      try batch.backward(batch.forward())
      _ = weights.values.update(fromContentsOf: backup)
      try batch.step()
      try batch.zeroGradients()
    }
  }

  /// Two passes with masks of their own, their mean cross entropy, and the divergence between them (Liang et al. 2021).
  static func rDrop(_ trainer: Trainer, alpha: Float) throws -> StepReport {
    try trainer.advance { batch in
      let loss = batch.forward(passes: 2) { forward in
        let first = forward.scores(0)[0]
        let second = forward.scores(1)[0]
        let labels = forward.microbatch.labels
        return [
          LossTerm(name: "first", losses: forward.pass.crossEntropy(first, labels: labels), factor: 0.5),
          LossTerm(name: "second", losses: forward.pass.crossEntropy(second, labels: labels), factor: 0.5),
          LossTerm(name: "divergence", losses: forward.pass.symmetricKL(first, second), factor: alpha),
        ]
      }
      try batch.backward(loss)
      try batch.step()
      try batch.zeroGradients()
    }
  }

  static func run() throws {
    let parts = try TrainingParts.points(PointClassifier())
    let trainer = Trainer(
      parts: parts, settings: TrainingSettings(seed: 1, totalSteps: 100), replicas: DataParallelGroup(SoloGroup()))
    for _ in 0..<100 {
      let report = trainer.step < 50 ? try sharpnessAware(trainer, radius: 0.05) : try rDrop(trainer, alpha: 0.5)
      if report.step % 50 == 0 { print("step \(report.step): loss \(report.loss)") }
    }
    if let report = try trainer.evaluate() { print("accuracy \(report["accuracy"] ?? 0) on \(report.rows) rows") }
  }
}
