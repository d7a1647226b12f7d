/// The input of a BERT model for one row, without padding.
public struct Encoding: Sendable, Equatable {
  /// `[CLS] text [SEP]`, or `[CLS] text [SEP] pair [SEP]`.
  public var ids: [Int32]
  /// 0 for the first segment, 1 for the second; as many as ids.
  public var typeIDs: [Int32]

  public init(ids: [Int32], typeIDs: [Int32]) {
    self.ids = ids
    self.typeIDs = typeIDs
  }
}

/// Cuts texts into the pieces of a vocabulary, with the ids that BERT's reference tokenizer gives.
///
/// The reference is the slow tokenizer, `BertTokenizer` of Hugging Face transformers 4: cleaning, CJK spacing, Unicode
/// normalisation, lower case, accents, punctuation, then the longest matching piece first (Devlin et al. 2018,
/// arXiv:1810.04805; Wu et al. 2016, arXiv:1609.08144). Character categories are those of Swift's Unicode version; they
/// differ from the reference's for recently assigned characters alone.
public struct WordPieceTokenizer: Sendable {
  /// The shortest maximum length: `[CLS]`, `[SEP]` and one more.
  public static let shortestMaximumLength = 3

  public let vocabulary: Vocabulary
  public let options: TokenizerOptions

  public init(vocabulary: Vocabulary, options: TokenizerOptions = TokenizerOptions()) {
    self.vocabulary = vocabulary
    self.options = options
  }

  /// The tokenizer of a model's directory: its vocabulary and the options it states.
  ///
  /// - Throws: `FileError` or `VocabularyError`.
  public init(directory: String) throws {
    self.init(vocabulary: try Vocabulary(directory: directory), options: try TokenizerOptions(directory: directory))
  }

  /// The ids of a text, or of a pair of texts, with the special tokens, cut to a maximum length.
  ///
  /// - Parameter maximumLength: at least 3, special tokens included.
  public func encode(_ text: String, pair: String? = nil, maximumLength: Int) -> Encoding {
    precondition(
      maximumLength >= Self.shortestMaximumLength,
      "a maximum length of \(maximumLength) is below \(Self.shortestMaximumLength)")
    var first = pieces(of: text)
    guard let pair else {
      first.removeLast(max(0, first.count + 2 - maximumLength))
      let ids = assemble(first, nil)
      return Encoding(ids: ids, typeIDs: [Int32](repeating: 0, count: ids.count))
    }
    var second = pieces(of: pair)
    Self.truncate(&first, &second, excess: first.count + second.count + 3 - maximumLength)
    let ids = assemble(first, second)
    var typeIDs = [Int32](repeating: 0, count: ids.count)
    for index in first.count + 2..<ids.count { typeIDs[index] = 1 }
    return Encoding(ids: ids, typeIDs: typeIDs)
  }

  /// The ids of a text's pieces, without special tokens around them.
  public func pieces(of text: String) -> [Int32] {
    var text = text
    return text.withUTF8 { bytes in
      vocabulary.withLookup { lookup in
        var scan = TextScan(
          options: options, special: vocabulary.special, longestToken: vocabulary.longestToken, lookup: lookup)
        return scan.pieces(of: bytes)
      }
    }
  }

  private func assemble(_ first: [Int32], _ second: [Int32]?) -> [Int32] {
    var ids: [Int32] = []
    ids.reserveCapacity(first.count + (second?.count ?? 0) + 3)
    ids.append(vocabulary.special.classification)
    ids += first
    ids.append(vocabulary.special.separator)
    guard let second else { return ids }
    ids += second
    ids.append(vocabulary.special.separator)
    return ids
  }

  /// `longest_first` as the slow tokenizer does it: the longer text gives until both are equal, then both give, the
  /// second one more.
  private static func truncate(_ first: inout [Int32], _ second: inout [Int32], excess: Int) {
    guard excess > 0 else { return }
    let fromLonger = min(abs(first.count - second.count), excess)
    let shared = excess - fromLonger
    let firstIsLonger = first.count > second.count
    let fromFirst = shared / 2 + (firstIsLonger ? fromLonger : 0)
    let fromSecond = shared - shared / 2 + (firstIsLonger ? 0 : fromLonger)
    first.removeLast(min(fromFirst, first.count))
    second.removeLast(min(fromSecond, second.count))
  }
}
