import Training

/// Someone who watches a run without changing it: the log, the progress bar, the dashboard.
///
/// Observers exist on rank 0 alone.
public protocol Observer: AnyObject {
  func observe(_ event: TrainingEvent) throws

  /// Makes last what was written so far: a checkpoint begins, and no log may end before the newest one.
  func synchronize() throws
}

extension Observer {
  public func synchronize() throws {}
}

/// What happens in a run, in this order:
///
///     began
///     for each step { step · (histograms) · (evaluation …) · (checkpoint) }
///     ended
public enum TrainingEvent {
  case began(fromStep: Int, totalSteps: Int)
  case step(StepReport)
  /// How weights and gradients are spread, every so many steps, where somebody asked for it.
  case histograms(HistogramReport)
  case evaluation(EvaluationReport)
  case checkpoint(step: Int)
  /// How the ranks spent their time, every some steps.
  case pace(PaceReport)
  case warning(String)
  case ended
}
