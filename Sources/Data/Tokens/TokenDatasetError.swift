import Support
import Text

/// Why a table cannot be tokenised.
public enum TokenDatasetError: ClassifiedError, Equatable, CustomStringConvertible, Sendable {
  /// No room for the special tokens and one more.
  case maximumLength(Int, shortest: Int)
  /// A row whose text that is to lose tokens has too few.
  case truncation(file: String, line: Int, TruncationError)
  /// A row that cannot be read in windows.
  case windows(file: String, line: Int, WindowError)
  /// A pair of which one text is empty, where each is read alone.
  case half(file: String, line: Int)

  public var exitClass: ExitClass { .wrongInput }

  public var description: String {
    switch self {
    case .maximumLength(let length, let shortest):
      "data.maximum_length: \(length) is below \(shortest): give a whole number from \(shortest)"
    case .truncation(let file, let line, let error): "\(file), line \(line): \(error)"
    case .windows(let file, let line, let error): "\(file), line \(line): \(error)"
    case .half(let file, let line):
      "\(file), line \(line): one text of the pair is empty; write it, or leave the row out"
    }
  }
}
