import Compression

/// How the results of the ranks become one: recipe key `reduction`.
public struct ReductionSettings: Sendable, Hashable {
  public typealias Kind = ReductionKind

  /// The step that all ranks take together after local steps; see `OuterStep`.
  public struct Outer: Sendable, Hashable {
    public var learningRate = 0.7
    public var momentum = 0.9
    public var isNesterov = true

    public init(learningRate: Double = 0.7, momentum: Double = 0.9, isNesterov: Bool = true) {
      (self.learningRate, self.momentum, self.isNesterov) = (learningRate, momentum, isNesterov)
    }

    /// The mean of the ranks' weights.
    public static let mean = Outer(learningRate: 1, momentum: 0, isNesterov: false)
  }

  public var kind: Kind
  /// How numbers are written on the wire; nil for whole floats.
  public var wire: WireFormat?
  /// Steps from one sum to the next.
  public var every = 1
  /// How ranks come together after `every` local steps; nil where every step's gradient is summed.
  public var outer: Outer?
  /// Whether a gradient's sum begins while the backward pass still works; nil where that depends on where the ranks are.
  public var overlap: Bool?

  public init(_ kind: Kind, wire: WireFormat? = nil, every: Int = 1, outer: Outer? = nil, overlap: Bool? = nil) {
    precondition(every >= 1, "sums every \(every) steps")
    self.kind = kind
    self.wire = wire
    self.every = every
    self.overlap = overlap
    self.outer = outer ?? (every > 1 ? .mean : nil)
  }

  public static let ring = ReductionSettings(.ring)
  public static let ordered = ReductionSettings(.ordered)
}

extension ReductionSettings: CustomStringConvertible {
  /// As a recipe says it, what is usual left out, and what changes no bit: runs with the same description reduce alike.
  public var description: String {
    let parts = [
      wire.map { "wire: \($0.rawValue)" },
      outer.map {
        "every: \(every), outer: {learning_rate: \($0.learningRate), momentum: \($0.momentum), nesterov: \($0.isNesterov)}"
      },
    ].compactMap(\.self)
    return parts.isEmpty ? kind.rawValue : "{kind: \(kind.rawValue), \(parts.joined(separator: ", "))}"
  }

  /// Up to how many ranks give the bits of one process; nil for any number.
  public var equalRanks: Int? { outer != nil || wire != nil ? 1 : kind.reduction.equalRanks }

  /// What the user should know of results that the number of ranks changes; nil where it changes rounding alone.
  public var warning: String? {
    outer == nil
      ? nil
      : "reduction: ranks take \(every) local steps between sums, so results depend on the number of ranks"
  }
}
