/// What a backward pass reads of a tensor's values: the memory that holds them, or how to make them again.
///
/// Between the two passes results are most of what a model needs in memory. Where an operation can make its result again
/// bit by bit from what it keeps anyway, as norms and activations can for a thousandth of a step, who wants that result in
/// the backward pass remembers only how. Several who want it, as queries, keys and values want a layer's input, remember
/// one and the same: what the first of them recalls serves the others, and its memory is free when the last lets go.
package final class RememberedValues {
  /// How values are made again.
  struct Remaking {
    /// Pieces of the elements, which any thread makes.
    let pieces: Panels
    /// Called once, before any piece.
    var begin: () -> Void = {}
    /// Makes a piece; it must not hold the tensor that it makes again.
    let make: (_ elements: Range<Int>, _ values: UnsafeMutablePointer<Float>) -> Void
  }

  private enum Origin {
    case kept(Buffer)
    case remade(Remaking)
  }

  private let origin: Origin
  private let count: Int
  /// What has been recalled, and in which format.
  private var recalled: (format: ProductFormat, values: Buffer)?

  init(kept buffer: Buffer, count: Int) {
    origin = .kept(buffer)
    self.count = count
  }

  init(_ remaking: Remaking) {
    origin = .remade(remaking)
    count = remaking.pieces.total
  }

  /// The values of the forward pass as an operand of products, rounded where their format is: there as long as this object.
  func operand(_ format: ProductFormat, stride: Int, _ engine: Engine) -> MatrixOperand {
    format.operand(of: recall(format, engine), stride: stride)
  }

  /// The values of the forward pass in one format: to be read, not written.
  package func recall(_ format: ProductFormat, _ engine: Engine) -> Buffer {
    if case (.kept(let buffer), .float32) = (origin, format) { return buffer }
    if let recalled {
      require(recalled.format == format, "values are recalled as \(format) and as \(recalled.format)")
      return recalled.values
    }
    let values = format.room(count, in: engine.pool) ?? engine.pool.take(count)
    switch origin {
    case .kept(let buffer):
      engine.forEachElements(count) { format.round(buffer.pointer + $0.lowerBound, into: values, at: $0) }
    case .remade(let remaking): remake(remaking, as: format, into: values, engine)
    }
    recalled = (format, values)
    return values
  }

  /// Rounds piece by piece, each while it is in the cache.
  private func remake(_ remaking: Remaking, as format: ProductFormat, into values: Buffer, _ engine: Engine) {
    remaking.begin()
    let scratch = format == .float32 ? nil : engine.scratch(remaking.pieces.size)
    engine.workers.run(pieces: remaking.pieces.count) { index, worker in
      let piece = remaking.pieces[index]
      remaking.make(piece, scratch?[worker] ?? values.pointer + piece.lowerBound)
      if let scratch { format.round(scratch[worker], into: values, at: piece) }
    }
  }
}
