/// The words of a row, which are labelled one by one; in a layout of spans its tokens.
public struct RowWords: Sendable, Equatable {
  /// The row's text; of words that a file gives apart, all of them with a blank between two. Of a question its context.
  public let text: String
  /// The Unicode scalars of the text that each word is; none of a token that is not of the text.
  public let places: [Range<Int>]
  /// Whether the encoder reads each word: not those beyond the maximum length.
  public let areRead: [Bool]
  /// The words of each window that the row is read in.
  public let windows: [Range<Int>]
  /// The row's label as it is written; empty where it has none.
  public let label: String

  /// - Parameter windows: nil where the row is one sequence.
  public init(
    text: String, places: [Range<Int>], areRead: [Bool], windows: [Range<Int>]? = nil, label: String = ""
  ) {
    precondition(places.count == areRead.count, "\(places.count) words, of which \(areRead.count) may be read")
    (self.text, self.places, self.areRead) = (text, places, areRead)
    (self.windows, self.label) = (windows ?? [0..<places.count], label)
  }

  /// A part of the text.
  public func text(_ place: Range<Int>) -> String {
    let scalars = text.unicodeScalars
    let start = scalars.index(scalars.startIndex, offsetBy: place.lowerBound)
    return String(scalars[start..<scalars.index(start, offsetBy: place.count)])
  }

  /// The words at places that rise, in one pass over the text.
  static func words(of text: String, at places: [Range<Int>]) -> [String] {
    let scalars = text.unicodeScalars
    var (index, offset) = (scalars.startIndex, 0)
    return places.map { place in
      let start = scalars.index(index, offsetBy: place.lowerBound - offset)
      (index, offset) = (scalars.index(start, offsetBy: place.count), place.upperBound)
      return String(scalars[start..<index])
    }
  }

  /// The words of a text that nobody has split: runs of letters, digits and marks; ideographs, kana and all other characters
  /// one by one; white space is none.
  static func places(in text: String) -> [Range<Int>] {
    var places: [Range<Int>] = []
    var run: Int?
    var index = 0
    for scalar in text.unicodeScalars {
      let isPart = isPart(scalar)
      if let start = run, !isPart {
        places.append(start..<index)
        run = nil
      }
      if isPart {
        run = run ?? index
      } else if !scalar.properties.isWhitespace {
        places.append(index..<index + 1)
      }
      index += 1
    }
    return places + (run.map { [$0..<index] } ?? [])
  }

  /// The places of words in the text that they make with a blank between two.
  static func places(of words: [String]) -> [Range<Int>] {
    var end = -1
    return words.map { word in
      let start = end + 1
      end = start + word.unicodeScalars.count
      return start..<end
    }
  }

  /// Whether a scalar belongs to a word of several.
  private static func isPart(_ scalar: Unicode.Scalar) -> Bool {
    guard scalar.value > 0x7F else {
      return 0x30...0x39 ~= scalar.value || 0x41...0x5A ~= scalar.value || 0x61...0x7A ~= scalar.value
    }
    if scalar.properties.isIdeographic || 0x3040...0x30FF ~= scalar.value { return false }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
      .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber:
      return true
    default: return false
    }
  }
}
