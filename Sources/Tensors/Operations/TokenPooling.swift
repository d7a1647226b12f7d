/// How the vectors of a row's tokens become one.
public enum TokenPooling: String, Sendable, CaseIterable { case mean, max }

extension Pass {
  /// One vector for each row of packed tokens [n, h]: the mean of its tokens, or the largest value of each column, whose
  /// gradient goes to the first token that has it. Row r has the tokens `offsets[r] ..< offsets[r + 1]`; of no tokens the
  /// result is 0.
  public func pool(_ input: Tensor, offsets: [Int32], _ pooling: TokenPooling) -> Tensor {
    require(
      input.shape.rank == 2 && offsets.first == 0 && offsets.last.map(Int.init) == input.shape[0],
      "tokens of shape \(input.shape) cannot be pooled at the offsets \(offsets)")
    let rows = TokenRows(offsets: offsets, columns: input.shape[1])
    let result = result([rows.count, rows.columns], from: [input])
    let places = pooling == .max && result.needsGradient ? engine.pool.take(result.count) : nil
    let scratch = engine.scratch(pooling == .max && places == nil ? rows.columns : 0)
    engine.workers.run(pieces: rows.count) { row, worker in
      let own = result.pointer + row * rows.columns
      switch pooling {
      case .mean: rows.mean(row, input.pointer, into: own)
      case .max:
        let memory = places.map { $0.pointer + row * rows.columns } ?? scratch[worker]
        rows.largest(row, input.pointer, into: own, places: rows.places(memory))
      }
    }
    let target = input.gradientTarget
    record(result) { [engine] gradient in
      guard let slot = target?.slot() else { return }
      engine.workers.run(pieces: rows.count) { row in
        let upstream = gradient + row * rows.columns
        if let places {
          rows.spreadLargest(row, upstream, places: rows.places(places.pointer + row * rows.columns), to: slot)
        } else {
          rows.spreadMean(row, upstream, to: slot)
        }
      }
    }
    return result
  }
}

/// The rows of a packed matrix of tokens.
private struct TokenRows {
  typealias Floats = UnsafeMutablePointer<Float>

  let offsets: [Int32]
  let columns: Int

  var count: Int { offsets.count - 1 }

  private func tokens(_ row: Int) -> Range<Int> { Int(offsets[row])..<Int(offsets[row + 1]) }

  func places(_ memory: Floats) -> UnsafeMutablePointer<Int32> {
    UnsafeMutableRawPointer(memory).assumingMemoryBound(to: Int32.self)
  }

  func mean(_ row: Int, _ input: Floats, into result: Floats) {
    let tokens = tokens(row)
    result.update(repeating: 0, count: columns)
    guard !tokens.isEmpty else { return }
    Kernels.addColumnSums(result, input + tokens.lowerBound * columns, rows: tokens.count, columns: columns)
    Kernels.scale(result, result, by: 1 / Float(tokens.count), columns, accumulates: false)
  }

  func spreadMean(_ row: Int, _ upstream: Floats, to slot: GradientSlot) {
    let tokens = tokens(row)
    guard !tokens.isEmpty else { return }
    Kernels.spreadRows(
      slot.pointer + tokens.lowerBound * columns, upstream, by: 1 / Float(tokens.count), rows: tokens.count,
      channels: columns, accumulates: slot.accumulates)
  }

  func largest(_ row: Int, _ input: Floats, into result: Floats, places: UnsafeMutablePointer<Int32>) {
    let tokens = tokens(row)
    guard !tokens.isEmpty else { return result.update(repeating: 0, count: columns) }
    Kernels.largestOfColumns(
      result, places: places, input + tokens.lowerBound * columns, rows: tokens.count, columns: columns)
  }

  func spreadLargest(_ row: Int, _ upstream: Floats, places: UnsafeMutablePointer<Int32>, to slot: GradientSlot) {
    let tokens = tokens(row)
    guard !tokens.isEmpty else { return }
    let target = slot.pointer + tokens.lowerBound * columns
    if !slot.accumulates { target.update(repeating: 0, count: tokens.count * columns) }
    for column in 0..<columns { target[Int(places[column]) * columns + column] += upstream[column] }
  }
}
