import Data
import Text

/// How many tokens the rows of a table have.
struct LengthFacts {
  let median: Int
  /// Of 100 rows 99 have no more.
  let common: Int
  let longest: Int
  /// Whether nothing counted them, so that they are guessed from words and characters.
  let isEstimate: Bool
  /// The share of characters that are Chinese, Japanese or Korean.
  let ideographShare: Double

  private static let mostSampled = 20_000

  init(_ table: RawTable, _ roles: ColumnRoles, tokenizer: (any Tokenizer)?) {
    let places = Dictionary(zip(table.names, table.columns)) { first, _ in first }
    func values(_ column: ColumnFacts?) -> [RawTable.Value]? { column.flatMap { places[$0.name] } }
    let (texts, pairs) = (values(roles.text) ?? [], values(roles.pair))
    let options = roles.options.compactMap(values)
    // Every nth row is enough for percentiles of a large table.
    let rows = stride(from: 0, to: texts.count, by: max(1, texts.count / Self.mostSampled))
    var (ideographs, scalars) = (0, 0)
    let lengths = rows.map { row in
      let text = texts[row].texts.first ?? ""
      for scalar in text.unicodeScalars {
        scalars += 1
        if Self.isIdeograph(scalar) { ideographs += 1 }
      }
      let pair = pairs?[row].texts.first
      let longestOption = options.flatMap { $0[row].texts }.map { Self.tokens($0, tokenizer) }.max()
      let parts = [pair.map { Self.tokens($0, tokenizer) }, longestOption].compactMap(\.self)
      return Self.tokens(text, tokenizer) + 2 + parts.reduce(0) { $0 + $1 + 1 }
    }.sorted()
    median = lengths[lengths.count / 2]
    common = lengths[(lengths.count * 99 + 99) / 100 - 1]
    longest = lengths[lengths.count - 1]
    isEstimate = tokenizer == nil
    ideographShare = scalars == 0 ? 0 : Double(ideographs) / Double(scalars)
  }

  private static func tokens(_ text: String, _ tokenizer: (any Tokenizer)?) -> Int {
    if let tokenizer { return tokenizer.tokens(of: text, withOffsets: false).ids.count }
    let ideographs = text.unicodeScalars.count(where: isIdeograph)
    let words = text.split { character in
      character.isWhitespace || character.unicodeScalars.contains(where: isIdeograph)
    }
    return ideographs + (words.count * 13 + 9) / 10
  }

  private static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
    0x3040...0x30FF ~= scalar.value || 0x3400...0x9FFF ~= scalar.value || 0xAC00...0xD7AF ~= scalar.value
      || 0x3000...0x303F ~= scalar.value || 0xFF00...0xFFEF ~= scalar.value || 0x20000...0x3FFFF ~= scalar.value
  }

  /// The next multiple of 8 that cuts 1 row of 100 at most, up to what the model reads.
  func maximumLength(positions: Int) -> Int { min(positions, max(16, (common + 7) / 8 * 8)) }
}
