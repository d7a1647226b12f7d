import Tensors

/// One way to run a recipe in pieces: on how many ranks each runs, where it is cut, and how.
package struct ResumeSchedule: Sendable, Equatable {
  /// How a piece ends.
  package struct Cut: Sendable, Equatable {
    package enum Manner: Sendable, Equatable {
      /// One rank is gone from one moment to the next; the next piece begins with the last checkpoint.
      case kill
      /// One rank is asked to stop; all of them do so a step later, with a checkpoint.
      case stop
    }

    /// The committed step at whose end it happens.
    package var step: Int
    package var rank: Int
    package var manner: Manner

    package init(step: Int, rank: Int, manner: Manner) {
      self.step = step
      self.rank = rank
      self.manner = manner
    }
  }

  /// What runs without interruption.
  package struct Piece: Sendable, Equatable {
    package var ranks: Int
    /// nil for the last piece, which runs to the end.
    package var cut: Cut?

    package init(ranks: Int, cut: Cut? = nil) {
      self.ranks = ranks
      self.cut = cut
    }
  }

  package var pieces: [Piece]

  package init(pieces: [Piece]) { self.pieces = pieces }

  /// The schedule of number `index` of a seed: cut at up to `cuts` steps that are no neighbours, on numbers of ranks out of `ranks`.
  package static func random(seed: UInt64, index: Int, steps: Int, cuts: Int, ranks: [Int]) -> ResumeSchedule {
    precondition(steps > 0 && !ranks.isEmpty && cuts >= 0, "\(steps) steps, \(cuts) cuts on \(ranks) ranks")
    let stream = RandomStream(seed: seed, purpose: .folds, step: index)
    var draws: UInt64 = 0
    func draw(_ bound: Int) -> Int {
      draws += 1
      return Int(stream.integer(below: UInt32(bound), index: draws))
    }
    let drawn = steps > 1 ? Set((0..<cuts).map { _ in 1 + draw(steps - 1) }).sorted() : []
    // Whoever is asked to stop does so a step later, so a cut right after another would never come.
    let places = drawn.reduce(into: [Int]()) { places, step in
      if places.last.map({ step - $0 > 1 }) ?? true { places.append(step) }
    }
    var pieces = places.map { step in
      let count = ranks[draw(ranks.count)]
      return Piece(
        ranks: count, cut: Cut(step: step, rank: draw(count), manner: draw(3) == 0 ? .stop : .kill))
    }
    pieces.append(Piece(ranks: ranks[draw(ranks.count)]))
    return ResumeSchedule(pieces: pieces)
  }
}

extension ResumeSchedule: CustomStringConvertible {
  package var description: String { pieces.map(\.description).joined(separator: ", ") }
}

extension ResumeSchedule.Piece: CustomStringConvertible {
  /// `4 ranks killed at step 7 (rank 2)`
  package var description: String {
    let who = ranks == 1 ? "1 rank" : "\(ranks) ranks"
    guard let cut else { return "\(who) to the end" }
    return "\(who) \(cut.manner == .kill ? "killed" : "stopped") at step \(cut.step) (rank \(cut.rank))"
  }
}
