/// The threads of one rank. Work is cut in pieces whose number never depends on the number of threads, so threads never
/// change a bit.
///
/// Used from the rank's training thread alone; a piece must not call `run` itself.
public final class Workers {
  public let count: Int

  private let crew: Crew?

  /// - Parameter count: how many threads compute, the calling one included.
  public init(count: Int) {
    require(count >= 1, "a rank computes with at least one thread, not \(count)")
    self.count = count
    crew = count > 1 ? Crew(helpers: count - 1) : nil
  }

  /// Runs `body(0) … body(pieces - 1)`, each exactly once, and returns when all are done.
  package func run(pieces: Int, _ body: (_ piece: Int) -> Void) {
    run(pieces: pieces) { piece, _ in body(piece) }
  }

  /// The same; `worker` in `0 ..< count` tells which thread runs the piece, so that each can have scratch memory of its own.
  package func run(pieces: Int, _ body: (_ piece: Int, _ worker: Int) -> Void) {
    if let crew, pieces > 1 {
      withoutActuallyEscaping(body) { crew.run(pieces: pieces, $0) }
    } else {
      for piece in 0..<pieces { body(piece, 0) }
    }
  }

  deinit { crew?.dismiss() }
}
