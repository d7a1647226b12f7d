import Tensors

/// How each tensor of an arena is updated: its learning-rate factor, its weight decay, and whether it is frozen.
///
/// Biases and the gains and shifts of norms are not decayed: they hold few degrees of freedom and pulling them to zero
/// only moves activations (Loshchilov and Hutter, arXiv:1711.05101, decay everything; BERT's own optimizer exempts
/// these). They are known by what the layer says they are for, not by pieces of their names.
public struct ParameterGroups: Sendable, Equatable {
  /// One tensor, as the arena's layout and its layer describe it.
  public typealias Tensor = (name: String, kind: Parameter.Kind, range: Range<Int>, isFrozen: Bool)

  public struct Member: Sendable, Equatable {
    public let name: String
    /// In elements of the arena.
    public let range: Range<Int>
    /// A frozen tensor has no gradient, and neither it nor its optimizer state changes.
    public let isFrozen: Bool
    /// The learning rate of this tensor is the step's learning rate times this.
    public let learningRateFactor: Double
    public let weightDecay: Double
  }

  /// A part of one trainable tensor, small enough to be given to one thread.
  struct Piece: Sendable, Equatable {
    let member: Int
    let range: Range<Int>
  }

  /// Elements of a piece at most: enough that handing it out costs nothing beside the update.
  private static let pieceCount = 1 << 14

  public let members: [Member]

  /// What is to be updated here, in the order of the arena. Updates are elementwise, so the cutting never changes a bit.
  let pieces: [Piece]

  /// - Parameters:
  ///   - tensors: every tensor of the arena, in the order of the arena, without overlaps.
  ///   - weightDecay: for all tensors but those of an undecayed kind.
  ///   - undecayed: the kinds without weight decay; pass `[]` to decay everything.
  ///   - learningRateFactor: by name, for layer-wise learning rates; 1 by default.
  public init(
    _ tensors: [Tensor], weightDecay: Double = 0, undecayed: Set<Parameter.Kind> = [.bias, .normalization],
    learningRateFactor: (_ name: String) -> Double = { _ in 1 }
  ) {
    require(weightDecay >= 0, "weight decay \(weightDecay) is negative: it would make weights grow")
    for (tensor, next) in zip(tensors, tensors.dropFirst()) {
      require(
        tensor.range.upperBound <= next.range.lowerBound,
        "\(tensor.name) \(tensor.range) and \(next.name) \(next.range) overlap or are out of order")
    }
    let members = tensors.map { tensor in
      Member(
        name: tensor.name, range: tensor.range, isFrozen: tensor.isFrozen,
        learningRateFactor: learningRateFactor(tensor.name),
        weightDecay: undecayed.contains(tensor.kind) ? 0 : weightDecay)
    }
    self.members = members
    pieces = members.indices.filter { !members[$0].isFrozen }.flatMap { index in
      let range = members[index].range
      return stride(from: range.lowerBound, to: range.upperBound, by: Self.pieceCount).map { start in
        Piece(member: index, range: start..<min(start + Self.pieceCount, range.upperBound))
      }
    }
  }

  private init(members: [Member], pieces: [Piece]) {
    self.members = members
    self.pieces = pieces
  }

  /// The same groups, of which only the elements in `range` are updated: the share of one rank when ranks divide the
  /// optimizer's work. Counters still advance for all tensors, so they are the same on every rank.
  public func restricted(to range: Range<Int>) -> ParameterGroups {
    let shares = pieces.map { Piece(member: $0.member, range: $0.range.clamped(to: range)) }
    return ParameterGroups(members: members, pieces: shares.filter { !$0.range.isEmpty })
  }

  /// The number of elements that an update changes.
  public var trainableCount: Int { pieces.reduce(0) { $0 + $1.range.count } }
}
