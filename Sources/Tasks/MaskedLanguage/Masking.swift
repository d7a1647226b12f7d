import Tensors
import Text

/// Which tokens of a row are predicted, and what the model sees in their places (Devlin et al. 2018, arXiv:1810.04805).
///
///     each token, or each word, is chosen by itself with a probability; of a row without any the one nearest to it
///     each token of what is chosen is seen as      the mask   8 of 10
///                                                  a random token of the vocabulary   1 of 10
///                                                  itself   1 of 10
///
/// Special tokens are never chosen: those around texts, padding, masks and what stands for unknown words. The random numbers of
/// token i of a row are the words of its stream at (row, outer, block i):
///
///     outer 0   x   chosen where it is below probability · 2³²; a word's are those of its first token
///     outer 1   x   the mask below 0.8 · 2³², a random token below 0.9 · 2³²
///               y   the random token, y · vocabulary / 2³²
struct Masking: Sendable {
  let mask: Int32
  /// Of every chosen word or token, in units of 2⁻³².
  private let threshold: UInt64
  private let vocabulary: UInt64
  private let special: Set<Int32>
  /// Where words begin; nil where tokens are chosen one by one.
  private let words: WordBorders?

  /// Draws below it are seen as the mask, those below the next as a random token.
  private static let masked = UInt32(0.8 * 0x1p32)
  private static let random = UInt32(0.9 * 0x1p32)

  init(_ tokenizer: any Tokenizer, mask: Int32, probability: Double, words: WordBorders?) {
    (self.mask, self.words) = (mask, words)
    threshold = UInt64((probability * 0x1p32).rounded())
    vocabulary = UInt64(tokenizer.tokenCount)
    let ids = tokenizer.special
    special = Set([ids.padding, ids.unknown, ids.classification, ids.separator, mask].compactMap(\.self))
  }

  /// Whether a row has anything to predict.
  func canChoose(from ids: [Int32]) -> Bool { ids.contains { !special.contains($0) } }

  /// What is predicted of a row under the random numbers of a stream.
  func tokens(of ids: ArraySlice<Int32>, row: Int, _ stream: RandomStream) -> [MaskedToken] {
    let coordinate = UInt32(truncatingIfNeeded: row)
    var units = units(of: ids)
    let draws = units.map { stream.words(row: coordinate, block: UInt64($0.lowerBound - ids.startIndex)).x }
    if let least = draws.min(), UInt64(least) >= threshold, let place = draws.firstIndex(of: least) {
      units = [units[place]]
    } else {
      units = zip(units, draws).filter { UInt64($0.1) < threshold }.map(\.0)
    }
    return units.joined().map { index in
      let place = index - ids.startIndex
      let draw = stream.words(row: coordinate, outer: 1, block: UInt64(place))
      let input =
        draw.x < Self.masked
        ? mask : draw.x < Self.random ? Int32((UInt64(draw.y) * vocabulary) >> 32) : ids[index]
      return MaskedToken(place: place, input: input, target: Float(ids[index]))
    }
  }

  /// What is chosen as a whole: the tokens between special ones, or the words.
  private func units(of ids: ArraySlice<Int32>) -> [Range<Int>] {
    guard let words else { return ids.indices.filter { !special.contains(ids[$0]) }.map { $0..<$0 + 1 } }
    return ids.split { special.contains($0) }.flatMap(words.words)
  }
}
