/// All matrix products of one training step of an encoder and nothing else, each one undivided call on one thread: the
/// time below which no step can go.
package final class ProductFloor {
  private let shape: EncoderShape
  private let wide: Buffer
  private let narrow: Buffer
  private let weight: Buffer
  private let scores: Buffer
  private let multiplier = Engine().multipliers[0]

  package init(_ shape: EncoderShape) {
    self.shape = shape
    let pool = BufferPool()
    func filled(_ count: Int) -> Buffer {
      let buffer = pool.take(count)
      for index in 0..<count { buffer.pointer[index] = Float(index % 17 - 8) / 64 }
      return buffer
    }
    wide = filled(shape.tokens * max(shape.hidden, shape.intermediate))
    narrow = filled(shape.tokens * shape.hidden)
    weight = filled(shape.hidden * max(shape.hidden, shape.intermediate))
    scores = filled(shape.length * shape.length)
  }

  package func run() {
    let (hidden, intermediate) = (shape.hidden, shape.intermediate)
    for queries in shape.queries {
      let asking = shape.rows * queries
      for tokens in [shape.tokens, shape.tokens, asking, asking] { dense(tokens, narrow, hidden, to: wide, hidden) }
      dense(asking, narrow, hidden, to: wide, intermediate)
      dense(asking, wide, intermediate, to: narrow, hidden)
      for row in 0..<shape.rows {
        for head in 0..<shape.heads {
          attention(row * shape.length * hidden + head * shape.depth, queries: queries)
        }
      }
    }
  }

  /// y = x Wᵀ, dx = dy W, dW = dyᵀ x.
  private func dense(_ tokens: Int, _ inputs: Buffer, _ inputCount: Int, to outputs: Buffer, _ outputCount: Int) {
    multiplier.run(
      MatrixOperand(inputs.pointer, stride: inputCount),
      MatrixOperand(weight.pointer, stride: inputCount, transposed: true),
      rows: tokens, columns: outputCount, inner: inputCount, into: outputs.pointer, stride: outputCount)
    multiplier.run(
      MatrixOperand(outputs.pointer, stride: outputCount), MatrixOperand(weight.pointer, stride: inputCount),
      rows: tokens, columns: inputCount, inner: outputCount, into: inputs.pointer, stride: inputCount)
    multiplier.run(
      MatrixOperand(outputs.pointer, stride: outputCount, transposed: true),
      MatrixOperand(inputs.pointer, stride: inputCount),
      rows: outputCount, columns: inputCount, inner: tokens, into: weight.pointer, stride: inputCount)
  }

  /// Q Kᵀ and P V of one row and head, and their four products backward.
  private func attention(_ offset: Int, queries: Int) {
    let (length, depth, hidden) = (shape.length, shape.depth, shape.hidden)
    let vectors = MatrixOperand(narrow.pointer + offset, stride: hidden)
    let transposed = MatrixOperand(narrow.pointer + offset, stride: hidden, transposed: true)
    for _ in 0..<2 {
      multiplier.run(
        vectors, transposed, rows: queries, columns: length, inner: depth, into: scores.pointer, stride: length)
    }
    for turn in 0..<4 {
      let isTransposed = turn > 1
      multiplier.run(
        MatrixOperand(scores.pointer, stride: length, transposed: isTransposed), vectors,
        rows: isTransposed ? length : queries, columns: depth, inner: isTransposed ? queries : length,
        into: wide.pointer + offset, stride: hidden)
    }
  }
}
