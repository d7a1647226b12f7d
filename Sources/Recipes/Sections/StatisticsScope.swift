/// Which images a batch norm in training normalises together.
public enum StatisticsScope: String, Sendable, CaseIterable {
  /// Those of a microbatch: the same at any number of ranks.
  case microbatch
  /// Those of all ranks' microbatches of a turn, the t-th microbatch of every rank's share being in turn t. What is
  /// normalised together then depends on the number of ranks, wherever a rank holds several microbatches.
  case synchronized
}
