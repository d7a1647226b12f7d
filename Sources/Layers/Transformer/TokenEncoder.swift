import Tensors

/// A model of token rows that gives each token a vector, for a head to read.
public protocol TokenEncoder: Module {
  /// Is given hidden states: number 0 is the first layer's input, number i the output of layer i, counted from 1.
  typealias Observer = (_ index: Int, _ state: TokenVectors) -> Void

  /// The first vectors, whose table of words a decoder may share.
  var embeddings: TokenEmbeddings { get }
  /// Columns of the vectors.
  var width: Int { get }
  /// The number of layers.
  var depth: Int { get }

  /// Whether the last layer computes any tokens alone: not where its attention goes by their places among the row's.
  var takesSomeTokens: Bool { get }

  /// The last layer's vectors of the selected tokens. Every hidden state before the last one is of all tokens.
  func callAsFunction(
    _ batch: TokenBatch, _ selection: TokenSelection, _ pass: Pass, observe: Observer?
  ) -> TokenVectors
}

extension TokenEncoder {
  public var takesSomeTokens: Bool { false }

  public func callAsFunction(_ batch: TokenBatch, _ selection: TokenSelection, _ pass: Pass) -> TokenVectors {
    self(batch, selection, pass, observe: nil)
  }

  /// The first layer's input and every layer's output, each [tokens, width].
  public func hiddenStates(_ batch: TokenBatch, _ pass: Pass) -> [Tensor] {
    var states: [Tensor] = []
    _ = self(batch, .all, pass) { states.append($1.hidden) }
    return states
  }
}
