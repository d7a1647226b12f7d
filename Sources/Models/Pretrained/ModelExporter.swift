import Tensors

/// Writes the weights of one kind of model where other programs find them.
public protocol ModelExporter {
  func write(weights: Arena, buffers: Arena, to path: String) throws

  /// The same, for a model whose head is described otherwise.
  func describing(_ head: HeadDescription) -> any ModelExporter
}

extension ModelExporter {
  public func describing(_ head: HeadDescription) -> any ModelExporter { self }
}
