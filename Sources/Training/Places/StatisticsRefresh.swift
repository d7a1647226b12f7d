/// How the running statistics of batch norms are found for averaged weights, which no batch has ever been normalised with.
///
/// All of them look at the training data in the order of the first epoch, microbatch by microbatch, with nothing dropped;
/// the ranks share the microbatches, and the result is the same at any number of ranks. Frozen batch norms keep theirs.
public enum StatisticsRefresh: String, Sendable, CaseIterable {
  /// As PyTorch's `update_bn` with a microbatch as its batch: the cumulative mean of each batch's mean and (unbiased)
  /// variance, equal weight a batch. It loses the variance between batches.
  case parity
  /// Counts, means and squares of all rows merged in Float64: exact for the inputs that batch norms see in training.
  case pooled
  /// As `pooled`, one pass for each depth of batch norms, so that deeper ones see what they will see in evaluation.
  case layered
  /// Keeps the average of the running statistics.
  case none
}
