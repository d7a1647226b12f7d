extension Pass {
  /// Dropout of `input` [n, h]: the input itself where `mask` is nil. Row i of the mask is drawn at `coordinates`' place i,
  /// and drawn again in the backward pass.
  public func dropout(_ input: Tensor, _ mask: DropoutMask?, _ coordinates: Coordinates) -> Tensor {
    guard let mask else { return input }
    let columns = input.shape[1]
    require(coordinates.count == input.shape[0], "\(coordinates.count) coordinates for shape \(input.shape)")
    let result = result(input.shape, from: [input])
    let drawn = RowMask(mask: mask, coordinates: coordinates, columns: columns)
    let panels = Panels.ofRows(input.shape[0])
    func apply(_ from: UnsafeMutablePointer<Float>, to slot: GradientSlot) {
      let scratch = engine.scratch(drawn.scratchCount(rows: panels.size))
      engine.workers.run(pieces: panels.count) { piece, worker in
        let panel = panels[piece]
        drawn.apply(
          rows: panel, from + panel.lowerBound * columns, to: slot.pointer + panel.lowerBound * columns,
          accumulates: slot.accumulates, scratch: scratch[worker])
      }
    }
    apply(input.pointer, to: GradientSlot(pointer: result.pointer, count: result.count, accumulates: false))
    let target = input.gradientCell
    record(result) { gradient in apply(gradient, to: target.slot()) }
    return result
  }
}

/// The mask of one dropout site over the rows of a matrix, drawn a few rows at a time.
struct RowMask {
  let mask: DropoutMask
  let coordinates: Coordinates
  let columns: Int

  /// Columns of random numbers: they are drawn in blocks of eight.
  private var stride: Int { (columns + 7) / 8 * 8 }

  /// Floats of scratch memory that hold the random numbers of some rows.
  func scratchCount(rows: Int) -> Int { (rows * stride + 1) / 2 }

  /// to (+)= dropout(from) for the given rows, of which both pointers are the first.
  func apply(
    rows: Range<Int>, _ from: UnsafeMutablePointer<Float>, to: UnsafeMutablePointer<Float>, accumulates: Bool,
    scratch: UnsafeMutablePointer<Float>
  ) {
    forEachRun(rows, scratch) { offset, halves, count in
      Kernels.dropout(to + offset, from + offset, halves, mask, count, accumulates: accumulates)
    }
  }

  /// to = residual + dropout(from) for the given rows, of which the pointers are the first.
  func add(
    rows: Range<Int>, _ from: UnsafeMutablePointer<Float>, residual: UnsafeMutablePointer<Float>,
    to: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    forEachRun(rows, scratch) { offset, halves, count in
      Kernels.dropoutAdd(to + offset, residual: residual + offset, from + offset, halves, mask, count)
    }
  }

  /// Draws the rows' numbers and hands them on: all at once where the columns fill whole blocks, else row by row.
  private func forEachRun(
    _ rows: Range<Int>, _ scratch: UnsafeMutablePointer<Float>,
    _ body: (_ offset: Int, _ halves: UnsafePointer<UInt16>, _ count: Int) -> Void
  ) {
    let halves = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: UInt16.self)
    coordinates.rows.withUnsafeBufferPointer { rowIDs in
      coordinates.outers.withUnsafeBufferPointer { outers in
        guard let rowIDs = rowIDs.baseAddress, let outers = outers.baseAddress else { return }
        Kernels.randomHalves(
          halves, rows: rowIDs + rows.lowerBound, outers: outers + rows.lowerBound, count: rows.count, columns: columns,
          key: mask.stream.key)
      }
    }
    if stride == columns {
      body(0, halves, rows.count * columns)
    } else {
      for row in 0..<rows.count { body(row * columns, halves + row * stride, columns) }
    }
  }
}
