/// One piece of a vector, and the slot of every rank's segment that it passes through.
struct Piece {
  let number: Int
  let slot: Int
}

/// What an operation does with each piece of its vector.
protocol PieceWork: AnyObject {
  /// At least one, as many on every rank.
  var pieces: Int { get }

  /// Whether ranks copy what the others have summed; otherwise a piece is over with its sum.
  var sharesResults: Bool { get }

  /// Puts what others need of the piece into this rank's stage slot.
  func stage(_ piece: Piece)

  /// Whether what a rank of the host has told with the piece makes sense; asked about every rank before the sum.
  func accepts(_ piece: Piece, of rank: Int) -> Bool

  /// Adds up this rank's part of the piece, from everyone's stage slots.
  func sum(_ piece: Piece)

  /// Takes the other parts from the others' result slots.
  func copy(_ piece: Piece)
}

extension PieceWork {
  func copy(_ piece: Piece) {}

  func accepts(_ piece: Piece, of rank: Int) -> Bool { true }
}
