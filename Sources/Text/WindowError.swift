import Support

/// Why a long text cannot be read in windows.
public enum WindowError: ClassifiedError, Equatable, CustomStringConvertible, Sendable {
  /// Neighbouring windows would share all that a window has room for.
  case stride(Int, room: Int)
  /// The same, because of the text that stands before each window.
  case first(tokens: Int, room: Int, stride: Int)
  /// More windows than a row may have.
  case count(Int, most: Int)

  public var exitClass: ExitClass { .wrongInput }

  public var description: String {
    switch self {
    case .stride(let stride, let room):
      "a window has room for \(room) tokens of a text, and neighbours share \(stride); give a smaller stride, or a"
        + " greater maximum length"
    case .first(let tokens, let room, let stride):
      "the first text has \(tokens) tokens, which leaves room for \(max(0, room)) of the second in a window, and"
        + " neighbours share \(stride); shorten the first text, or give a greater maximum length or a smaller stride"
    case .count(let count, let most):
      "the text is \(count) windows long, and a row may have \(most); shorten it, or give a greater maximum length or"
        + " a smaller stride"
    }
  }
}
