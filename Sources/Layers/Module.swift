import Tensors

/// A layer or a model: a class whose stored properties are parameters, states and further modules.
///
/// The tree is found by reflection, in the order of declaration. A property's checkpoint name is its Swift name in snake
/// case (`wordEmbeddings` → `word_embeddings`, an array's elements by index), unless `checkpointNames` says otherwise; an
/// empty name leaves the level out, an array's indices with it.
public protocol Module: AnyObject {
  /// Checkpoint names by Swift property name, for those that the rule does not give (`["norm": "LayerNorm"]`).
  var checkpointNames: [String: String] { get }
}

extension Module {
  public var checkpointNames: [String: String] { [:] }
}

/// A value of a model that training changes without a gradient, such as a running mean.
public final class RunningState {
  public let shape: Shape
  public let initialValue: Float
  public internal(set) var name = ""
  /// Alive as long as the state is.
  var home: Arena?
  private var valuePointer: UnsafeMutablePointer<Float>?

  public init(_ shape: Shape, initialValue: Float) {
    self.shape = shape
    self.initialValue = initialValue
  }

  public var values: UnsafeMutableBufferPointer<Float> {
    guard let valuePointer else { fatalError("state of shape \(shape) is used before its arena is bound") }
    return UnsafeMutableBufferPointer(start: valuePointer, count: shape.count)
  }

  func bind(name: String, values: UnsafeMutablePointer<Float>) {
    self.name = name
    valuePointer = values
  }
}
