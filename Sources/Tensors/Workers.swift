/// The threads of one rank. Work is cut in pieces whose number never depends on the number of threads, so threads never
/// change a bit.
public final class Workers {
  public let count: Int

  public init(count: Int) {
    precondition(count >= 1, "a rank computes with at least one thread, not \(count)")
    self.count = count
  }

  /// Runs `body(0) … body(pieces - 1)`, each exactly once, and returns when all are done.
  package func run(pieces: Int, _ body: (Int) -> Void) {
    for piece in 0..<pieces { body(piece) }
  }
}
