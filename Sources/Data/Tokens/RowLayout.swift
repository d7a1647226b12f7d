/// Which texts of a row the encoder reads together.
public enum RowLayout: String, Sendable, CaseIterable {
  /// Text and pair as one sequence.
  case joined
  /// Text and pair as a sequence each, then the negatives; a text of rows that are no pairs twice.
  case separate
  /// A sequence an option: the text, the pair if there is one, and the option.
  case options
  /// The text as one sequence, of which the place of each word is known.
  case words
  /// The text before each window of its pair, of which the place of each token in the pair is known.
  case spans

  /// Whether a long row may be read in windows.
  public var takesWindows: Bool { self == .joined || self == .words || self == .spans }

  /// Whether a row's scores are the means of its windows'.
  public var averagesWindows: Bool { self == .joined }

  /// What becomes of the scores of a row's windows, for a user to read.
  public var windowReading: String {
    switch self {
    case .joined: ", whose scores are averaged"
    case .words: ", each word in that with most context"
    default: ""
    }
  }

  /// Whether words or tokens have their own targets and scores.
  public var labelsParts: Bool { self == .words || self == .spans }

  /// How long rows are read where nobody says it; nil where they are cut.
  public func usualWindows(_ maximumLength: Int) -> RowWindows? {
    self == .spans ? RowWindows(stride: min(128, maximumLength / 3)) : nil
  }
}
