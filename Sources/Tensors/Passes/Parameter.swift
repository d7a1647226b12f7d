/// A trainable tensor of a model: a named slice of the weight arena and of the gradient arena.
///
/// A layer declares its parameters by shape; the model's arenas are laid out afterwards and bound to them.
public final class Parameter {
  /// What a parameter is for; optimizers group by it (no weight decay on biases and norms).
  public enum Kind: Sendable { case weight, embedding, bias, normalization }

  /// The first values, drawn from counter-based random numbers: a function of the seed and the parameter's name alone.
  public enum Initializer: Sendable, Equatable {
    case zeros
    case ones
    /// Mean 0, the given standard deviation.
    case normal(Float)
    /// Uniform in ±bound.
    case uniform(Float)
    /// Row i holds the sines (even columns) and cosines (odd ones) of i / 10000^(2 ⌊j / 2⌋ / columns).
    case sinusoids
  }

  public let shape: Shape
  public let kind: Kind
  public let initializer: Initializer

  /// The checkpoint name, set when the model's arenas are laid out.
  public internal(set) var name = ""

  /// A constant of the model, such as a table of sines: always frozen.
  public let isConstant: Bool

  /// A frozen parameter has no gradient and is not updated.
  public var isFrozen: Bool {
    didSet { isFrozen = isFrozen || isConstant }
  }

  /// The arena in which the parameter is at home: alive as long as the parameter, whoever else lets go of it.
  package var home: Arena?

  private var valuePointer: UnsafeMutablePointer<Float>?
  private var gradientPointer: UnsafeMutablePointer<Float>?
  private var gradientIsStale = true
  private var gradientIsFinal = false

  public init(_ shape: Shape, kind: Kind, initializer: Initializer, isConstant: Bool = false) {
    self.shape = shape
    self.kind = kind
    self.initializer = initializer
    self.isConstant = isConstant
    isFrozen = isConstant
  }

  public var count: Int { shape.count }

  public var pointer: UnsafeMutablePointer<Float> {
    guard let valuePointer else { fatalError("parameter of shape \(shape) is used before its arena is bound") }
    return valuePointer
  }

  public var values: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: pointer, count: count) }

  /// Points the parameter at its slices of the arenas. The gradient may move to another arena between microbatches.
  package func bind(name: String, values: UnsafeMutablePointer<Float>) {
    self.name = name
    valuePointer = values
  }

  /// Starts a new sum of gradients at `gradient`: the next contribution overwrites what is there.
  package func beginGradient(at gradient: UnsafeMutablePointer<Float>) {
    gradientPointer = gradient
    gradientIsStale = true
    gradientIsFinal = false
  }

  /// Whether any backward pass has contributed since `beginGradient`.
  package var hasGradient: Bool { !gradientIsStale }

  /// Where a backward pass puts its share. Trap: a frozen parameter has none, ask `isFrozen` first.
  public func gradientSlot() -> GradientSlot {
    require(!isFrozen, "\(name) is frozen: it has no gradient")
    require(
      !gradientIsFinal, "\(name) has its whole gradient: name it to `result(_:from:parameters:)` wherever it is used")
    guard let gradientPointer else { fatalError("\(name) has no gradient arena: call beginGradient first") }
    defer { gradientIsStale = false }
    return GradientSlot(pointer: gradientPointer, count: count, accumulates: !gradientIsStale)
  }

  /// Ends the sum: a parameter that nothing contributed to has gradient zero. A contribution from now on traps.
  package func endGradient() {
    gradientIsFinal = true
    guard gradientIsStale, let gradientPointer else { return }
    gradientPointer.update(repeating: 0, count: count)
    gradientIsStale = false
  }
}
