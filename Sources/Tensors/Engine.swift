/// What the operations of one rank share: memory and threads. It lives as long as the run.
public final class Engine {
  public let pool = BufferPool()
  public let workers: Workers

  /// - Parameter threads: how many threads compute, this one included. Their number never changes a bit of a result.
  public init(threads: Int = 1) { workers = Workers(count: threads) }
}

/// The number format of matrix products; sums, norms, losses and the weights themselves stay Float32.
public enum Precision: String, Sendable, CaseIterable, Codable { case fp32, bf16, fp16 }
