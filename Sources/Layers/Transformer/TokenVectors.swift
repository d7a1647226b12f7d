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
