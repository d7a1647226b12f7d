import Tensors

/// A vector for each token of packed rows, or for the first token of each row.
///
/// Only `TokenEmbeddings` makes them, so that no encoder can leave out what adversaries work with.
public struct TokenVectors {
  /// [tokens, width]
  public let hidden: Tensor
  /// The tokens of row r are `offsets[r] ..< offsets[r + 1]`.
  public let offsets: [Int32]
  public let places: Coordinates

  init(_ hidden: Tensor, offsets: [Int32], places: Coordinates) {
    self.hidden = hidden
    self.offsets = offsets
    self.places = places
  }

  /// The place of each token in its row, from 0.
  public var positions: [Int32] { places.outers.map { Int32($0) } }

  /// The same tokens with other vectors.
  public func with(_ hidden: Tensor) -> TokenVectors { TokenVectors(hidden, offsets: offsets, places: places) }

  /// Some tokens of each row alone.
  /// - Parameter borders: where those of each row begin among them, and the end of the last.
  func some(_ tokens: [Int32], borders: [Int32], _ pass: Pass) -> TokenVectors {
    TokenVectors(pass.gatherRows(hidden, tokens), offsets: borders, places: places[tokens])
  }

  /// Some tokens alone, for a head that reads each of them: rows are of no more meaning.
  public func gathered(_ tokens: [Int32], _ pass: Pass) -> (hidden: Tensor, places: Coordinates) {
    (pass.gatherRows(hidden, tokens), places[tokens])
  }

  /// The first token of each row alone.
  public func firsts(_ pass: Pass) -> TokenVectors {
    TokenVectors(
      pass.gatherRows(hidden, Array(offsets.dropLast())), offsets: offsets.indices.map { Int32($0) },
      places: Coordinates(rows: pass.rows))
  }
}

/// The tokens whose vectors a head reads.
public enum TokenSelection: Sendable {
  case all
  /// The first of each row: most of the last layer need not be computed.
  case first
  /// Some of each row, at least one, in the order of the rows; `borders` says where those of each begin, and the end of the
  /// last. For encoders that take any tokens alone.
  case some([Int32], borders: [Int32])
}

extension TokenVectors {
  /// Runs layers one behind the other and returns the last one's output for the selected tokens.
  ///
  /// The last layer computes the first tokens, or some others, alone where no others are read. The other tokens are then asked for keys and
  /// values alone, which spares five sixths of its products.
  ///
  /// - Parameters:
  ///   - depth: the number of layers.
  ///   - observe: given this input and each layer's output.
  ///   - layer: the output of a layer for some tokens, which attend to their whole rows in `all`. It computes in the pass
  ///     that it is given, and once more in the backward pass where that recomputes layers.
  public consuming func through(
    depth: Int, _ selection: TokenSelection, _ pass: Pass, observe: TokenEncoder.Observer?,
    layer: @escaping (_ index: Int, _ tokens: TokenVectors, _ all: TokenVectors, _ pass: Pass) -> TokenVectors
  ) -> TokenVectors {
    func output(of index: Int, _ tokens: TokenVectors, over all: TokenVectors) -> TokenVectors {
      guard pass.recomputesLayers else { return layer(index, tokens, all, pass) }
      return tokens.with(
        pass.recomputed(from: [tokens.hidden, all.hidden]) { layer(index, tokens, all, $0).hidden })
    }
    var all = self
    observe?(0, all)
    for index in 0..<max(depth - 1, 0) {
      all = output(of: index, all, over: all)
      observe?(index + 1, all)
    }
    let selected =
      switch selection {
      case .all: all
      case .first: all.firsts(pass)
      case .some(let tokens, let borders): all.some(tokens, borders: borders, pass)
      }
    guard depth > 0 else { return selected }
    let last = output(of: depth - 1, selected, over: all)
    observe?(depth, last)
    return last
  }
}
