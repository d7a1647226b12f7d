import Collectives

/// A way in which ranks add up what each of them has: a file that holds all that the rest of the program needs to know of it.
///
/// A member of the list in Reductions.swift; nothing else names it.
package protocol Reduction: Sendable {
  /// The word of a recipe: `reduction: ring`.
  static var kind: String { get }

  /// When to choose it, for the recipe's guide.
  static var reason: String { get }

  /// Up to how many ranks give the bits of one process; nil for any number.
  static var equalRanks: Int? { get }

  /// Whether each complete subtree of the tree over all microbatches is its own term, and not this rank's sum alone.
  static var keepsSubtrees: Bool { get }

  /// Whether a thread of its own may sum while the backward pass still works.
  static var overlaps: Bool { get }

  /// Whether numbers may be sent in fewer bits.
  static var takesWire: Bool { get }

  /// The group through which it sums; all ranks together.
  /// - Throws: `GroupError.layout` where this group cannot have it.
  static func group(over base: any Group) throws -> any Group

  /// Sums over all ranks, in place.
  ///
  /// - Parameters:
  ///   - buffers: this rank's terms, of `count` numbers each; the first one gets the sum.
  ///   - shares: the microbatches of each rank.
  static func sum(
    _ buffers: [UnsafeMutablePointer<Float>], count: Int, shares: [Range<Int>], over group: any Group, name: String,
    step: Int
  ) throws

  /// Seconds of a sum of so many bytes; nil where no formula is known.
  /// - Parameter subtrees: terms of a rank, where it keeps them.
  static func seconds(bytes: Int, subtrees: Int, _ costs: SumCosts) -> Double?
}

extension Reduction {
  package static var keepsSubtrees: Bool { false }
  package static var overlaps: Bool { true }
  package static var takesWire: Bool { false }
  package static func group(over base: any Group) throws -> any Group { base }
  package static func seconds(bytes: Int, subtrees: Int, _ costs: SumCosts) -> Double? { nil }
}
