import Layers
import Tensors

/// One vector of each row, from the hidden states of an encoder.
final class RowPooling: Module {
  let pooling: HeadDesign.Pooling
  /// What attention asks each row.
  let query: Embedding?
  /// Columns of a row's vector.
  let width: Int

  init(_ pooling: HeadDesign.Pooling, width: Int, initializer: Parameter.Initializer) {
    self.pooling = pooling
    query = pooling == .attention ? Embedding(1, width, initializer: initializer) : nil
    self.width = pooling == .lastFour ? 4 * width : width
  }

  /// [rows, width]
  func callAsFunction(_ encoder: any TokenEncoder, _ batch: TokenBatch, _ pass: Pass) -> Tensor {
    switch pooling {
    case .pooler, .first: return encoder(batch, .first, pass).hidden
    case .mean: return pool(encoder(batch, .all, pass), .mean, pass)
    case .max: return pool(encoder(batch, .all, pass), .max, pass)
    case .attention: return attend(encoder(batch, .all, pass), pass)
    case .lastFour: return lastFour(encoder, batch, pass)
    }
  }

  private func pool(_ tokens: TokenVectors, _ kind: TokenPooling, _ pass: Pass) -> Tensor {
    pass.pool(tokens.hidden, offsets: tokens.offsets, kind)
  }

  /// A learned vector asks every row; its tokens are keys and values as they are.
  private func attend(_ tokens: TokenVectors, _ pass: Pass) -> Tensor {
    guard let query else { preconditionFailure("attention without a query") }
    let rows = [Int32](repeating: 0, count: pass.rows.count)
    let asked = pass.embeddings(word: query.weight, position: nil, type: nil, ids: rows, positions: [], typeIDs: [])
    return pass.attention(
      query: asked, key: tokens.hidden, value: tokens.hidden, heads: 1, offsets: tokens.offsets,
      queryOffsets: tokens.offsets.indices.map { Int32($0) }, mask: nil)
  }

  /// The first token's vectors of the last four layers, side by side.
  private func lastFour(_ encoder: any TokenEncoder, _ batch: TokenBatch, _ pass: Pass) -> Tensor {
    var states: [Tensor] = []
    let depth = encoder.depth
    _ = encoder(batch, .first, pass) { index, state in
      guard index > depth - 4 else { return }
      states.append(index == depth ? state.hidden : state.firsts(pass).hidden)
    }
    return pass.concatenated(states)
  }
}
