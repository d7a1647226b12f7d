import Tensors

extension TokenVectors {
  /// Runs layers one behind the other and returns the last one's output for the selected tokens.
  ///
  /// The last layer computes the first tokens, or some others, alone where no others are read. The other tokens are then asked for keys and
  /// values alone, which saves five sixths of its products.
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
