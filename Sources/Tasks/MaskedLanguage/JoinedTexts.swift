import Data
import Tensors
import Text

/// Texts one behind the other, cut into rows of the maximum length: no token is lost, and only the last row is shorter.
///
///     a b c │ d e │ f g h i          texts
///     a b c [SEP] d e [SEP] f g h i  a separator between two
///     [CLS] a b c [SEP] d [SEP]      rows of 7, each with its special tokens
///     [CLS] e [SEP] f g h [SEP]
///     [CLS] i [SEP]
///
/// Texts without a token are left out.
struct JoinedTexts: Dataset {
  private let base: any Dataset
  private let before: [Int32]
  private let behind: [Int32]
  private let separator: Int32
  /// Tokens of texts in a row.
  private let room: Int
  /// The texts that have tokens, and where each ends in the stream, its separator included.
  private let texts: [Int32]
  private let ends: [Int]

  /// - Parameter texts: each a sequence with the special tokens of a text alone.
  init(_ texts: any Dataset, _ reader: TextSpecials, maximumLength: Int) {
    (base, before, behind, separator) = (texts, reader.before, reader.behind, reader.separator)
    room = maximumLength - before.count - behind.count
    precondition(room > 0, "rows of \(maximumLength) tokens have no room for a text")
    var (kept, ends): ([Int32], [Int]) = ([], [])
    for row in 0..<texts.rowCount {
      let count = texts.length(row) - before.count - behind.count
      guard count > 0 else { continue }
      kept.append(Int32(row))
      ends.append((ends.last ?? 0) + count + 1)
    }
    (self.texts, self.ends) = (kept, ends)
  }

  /// Tokens of the stream; the last text has no separator behind it.
  private var count: Int { max(0, (ends.last ?? 0) - 1) }

  var rowCount: Int { (count + room - 1) / room }

  func length(_ row: Int) -> Int { min(room, count - row * room) + before.count + behind.count }

  func targets(_ row: Int) -> [Float] { [] }
  func sampleID(_ row: Int) -> Int { row }

  func microbatch(rows: [Int], positions: Range<Int>) -> Microbatch {
    var batch = TokenBatch(ids: [], typeIDs: [], positions: [], offsets: [0])
    for row in rows {
      batch.ids += before + stream(row * room..<min(count, (row + 1) * room)) + behind
      batch.positions += 0..<Int32(length(row))
      batch.offsets.append(Int32(batch.ids.count))
    }
    batch.typeIDs = batch.ids.map { _ in 0 }
    return Microbatch(
      input: .tokens(batch), targets: [], rows: positions.map { Int32(truncatingIfNeeded: $0) }, sampleIDs: rows)
  }

  /// Some tokens of the stream.
  private func stream(_ range: Range<Int>) -> [Int32] {
    var tokens: [Int32] = []
    var text = firstText(behind: range.lowerBound)
    while tokens.count < range.count {
      let start = text == 0 ? 0 : ends[text - 1]
      let own = base.ids(Int(texts[text])).dropFirst(before.count).dropLast(behind.count) + [separator]
      tokens += own.dropFirst(range.lowerBound + tokens.count - start).prefix(range.count - tokens.count)
      text += 1
    }
    return tokens
  }

  /// The text that a place of the stream is in.
  private func firstText(behind place: Int) -> Int {
    var (low, high) = (0, ends.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if ends[middle] > place { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// The special tokens around a text alone.
struct TextSpecials: Sendable {
  let before: [Int32]
  let behind: [Int32]
  let separator: Int32

  init(_ tokenizer: any Tokenizer) {
    func specials(_ parts: some Sequence<TokenTemplate.Part>) -> [Int32] {
      parts.compactMap { if case .special(let id, _) = $0 { id } else { nil } }
    }
    let parts = tokenizer.template.single
    let text = parts.firstIndex { if case .text = $0 { true } else { false } } ?? parts.count
    (before, behind) = (specials(parts[..<text]), specials(parts[text...]))
    separator = tokenizer.special.separator
  }
}
