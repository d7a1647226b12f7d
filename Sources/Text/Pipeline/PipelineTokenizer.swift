/// A tokenizer as the library `tokenizers` describes it: added tokens are found first, what is between them is
/// normalised and cut into words, and a model cuts the words into tokens.
struct PipelineTokenizer<Model: TokenModel>: Tokenizer {
  let model: Model
  let pipeline: Pipeline
  let added: AddedTokens
  let special: SpecialTokens
  let template: TokenTemplate
  let maximumLength: Int?
  var truncation: Truncation
  let files: TokenizerSources
  private let cache: WordCache

  init(
    model: Model, pipeline: Pipeline, added: AddedTokens, special: SpecialTokens, template: TokenTemplate,
    maximumLength: Int?, truncation: Truncation, files: TokenizerSources
  ) {
    (self.model, self.pipeline, self.added, self.special) = (model, pipeline, added, special)
    (self.template, self.maximumLength, self.truncation) = (template, maximumLength, truncation)
    self.files = files
    cache = WordCache(tokens: model.vocabulary.count)
  }

  var file: String { model.vocabulary.file }
  var vocabularyCount: Int { model.vocabulary.count }
  var vocabularyHash: UInt64 { model.vocabulary.contentHash }
  var tokenCount: Int { max(vocabularyCount, (added.entries.last.map { Int($0.id) } ?? 0) + 1) }
  var marksPairs: Bool {
    template.pair.contains { if case .pair(let type) = $0 { type != 0 } else { false } }
  }
  var shortestMaximumLength: Int {
    max(template.specialCount(hasPair: false) + 1, template.specialCount(hasPair: true))
  }

  func addedToken(from id: Int) -> (spelling: String, id: Int)? {
    added.entries.first { $0.id >= id }.map { ($0.token.content, Int($0.id)) }
  }

  var fingerprint: [String] {
    var parts = model.fingerprint + ["\(vocabularyHash)", "\(vocabularyCount)"] + pipeline.fingerprint
    parts += ["\(template)", truncation.side.rawValue]
    for entry in added.entries { parts += ["\(entry.id)", entry.token.content, entry.token.fingerprint] }
    return parts
  }

  func tokens(of text: String, withOffsets: Bool) -> TextTokens {
    var text = text
    return text.withUTF8 { bytes in
      cache.use { cache in
        var scan = PipelineScan(self, isTracked: withOffsets, cache: cache.take())
        let tokens = scan.tokens(of: bytes)
        cache = scan.cache
        return tokens
      }
    }
  }

  func exported(maximumLength: Int, readsTypes: Bool) throws -> [TokenizerFile] {
    try files.exported(maximumLength: maximumLength, truncation, marksPairs: marksPairs, readsTypes: readsTypes)
  }
}

/// How texts become words.
struct Pipeline: Sendable {
  var steps: [TextStep] = []
  var preTokenizers: [PreTokenizer] = []
  /// Whether offsets leave out the blanks around a word (`trim_offsets`).
  var trimsOffsets = false
  /// Whether one of those blanks was put before the text.
  var addsSpace = false

  var fingerprint: [String] { steps.map(\.fingerprint) + preTokenizers.map { "\($0)" } }

  func normalized(_ bytes: [UInt8]) -> [UInt8] {
    var text = TrackedText(isTracked: false)
    text.bytes = bytes
    var scratch = TrackedText(isTracked: false)
    for step in steps { step.apply(to: &text, &scratch) }
    return text.bytes
  }
}

extension TextStep {
  var fingerprint: String {
    if case .map(let map) = self { "map \(map.fingerprint)" } else { "\(self)" }
  }
}

extension AddedToken {
  /// How it is looked for.
  var fingerprint: String { "\(isSingleWord) \(stripsLeft) \(stripsRight) \(isNormalized)" }
}

/// One pass over one text.
struct PipelineScan<Model: TokenModel> {
  private let tokenizer: PipelineTokenizer<Model>
  private let isTracked: Bool
  var cache: WordCache.Memory?
  private var found = TextTokens()
  private var word: Int32 = 0
  private var scratch: TrackedText
  private var wordTokens = WordTokens()
  /// For offsets: the scalars before each byte of the text.
  private var scalars = ScalarCounts(UnsafeBufferPointer(start: nil, count: 0))

  init(_ tokenizer: PipelineTokenizer<Model>, isTracked: Bool, cache: WordCache.Memory?) {
    (self.tokenizer, self.isTracked, self.cache) = (tokenizer, isTracked, cache)
    scratch = TrackedText(isTracked: isTracked)
  }

  mutating func tokens(of text: UnsafeBufferPointer<UInt8>) -> TextTokens {
    found.ids.reserveCapacity(text.count / 3 + 4)
    found.words.reserveCapacity(text.count / 3 + 4)
    if isTracked { scalars = ScalarCounts(text) }
    tokenizer.added.raw.split(text) { part in
      switch part {
      case .token(let id, let range): appendAdded(id, range, spelled: text[range])
      case .text(let stretch): cut(stretch, at: stretch.baseAddress! - text.baseAddress!)
      }
    }
    return found
  }

  /// Appends an added token, which is a word.
  ///
  /// - Parameters:
  ///   - range: its bytes in the original text, with the white space that it takes.
  ///   - bytes: how it is spelled where it was found.
  private mutating func appendAdded(_ id: Int32, _ range: Range<Int>, spelled bytes: Slice<UnsafeBufferPointer<UInt8>>)
  {
    if isTracked {
      let spelling = UnsafeBufferPointer(rebasing: bytes)
      let leading = UTF8Decoding.count(of: .init(rebasing: spelling[..<Whitespace.end(of: spelling, from: 0)]))
      let trailing = UTF8Decoding.count(
        of: .init(rebasing: spelling[Whitespace.start(of: spelling, before: spelling.count)...]))
      found.offsets.append(trimmed(scalars[range.lowerBound], scalars[range.upperBound], leading, trailing))
    }
    found.append(id, word: word)
    word += 1
  }

  private mutating func cut(_ stretch: UnsafeBufferPointer<UInt8>, at offset: Int) {
    var text = TrackedText(stretch, at: offset, isTracked: isTracked)
    for step in tokenizer.pipeline.steps { step.apply(to: &text, &scratch) }
    guard !tokenizer.added.normalized.isEmpty else { return cutWords(of: text, isStart: offset == 0) }
    text.bytes.withUnsafeBufferPointer { bytes in
      tokenizer.added.normalized.split(bytes) { part in
        switch part {
        case .token(let id, let range):
          appendAdded(
            id,
            isTracked
              ? Int(text.origins[range.lowerBound].start)..<Int(text.origins[range.upperBound - 1].end) : range,
            spelled: bytes[range])
        case .text(let rest) where rest.count == bytes.count: cutWords(of: text, isStart: offset == 0)
        case .text(let rest):
          let start = rest.baseAddress! - bytes.baseAddress!
          var part = TrackedText(isTracked: isTracked)
          part.append(start..<start + rest.count, of: text)
          cutWords(of: part, isStart: offset == 0 && start == 0)
        }
      }
    }
  }

  private mutating func cutWords(of text: TrackedText, isStart: Bool) {
    guard !text.bytes.isEmpty else { return }
    var text = text
    var words = [text.bytes.indices]
    for step in tokenizer.pipeline.preTokenizers { step.apply(to: &text, words: &words, isStart: isStart) }
    text.bytes.withUnsafeBufferPointer { bytes in
      for range in words {
        wordTokens.removeAll()
        let word = UnsafeBufferPointer(rebasing: bytes[range])
        if cache == nil {
          tokenizer.model.cut(word, into: &wordTokens)
        } else {
          cache!.cut(word, by: tokenizer.model, into: &wordTokens)
        }
        appendWord(range.lowerBound, of: text)
      }
    }
  }

  @inline(__always)
  private mutating func appendWord(_ start: Int, of text: borrowing TrackedText) {
    if isTracked {
      var position = start
      for length in wordTokens.lengths {
        found.offsets.append(offset(position..<position + Int(length), of: text))
        position += Int(length)
      }
    }
    for id in wordTokens.ids { found.append(id, word: word) }
    word += 1
  }

  /// The scalars of the original text that bytes stand for.
  private func offset(_ range: Range<Int>, of text: borrowing TrackedText) -> Range<Int32> {
    let scalars = scalars.range(range, of: text.origins)
    let bytes = text.bytes[range]
    return trimmed(
      scalars.lowerBound, scalars.upperBound, bytes.prefix { $0 == 0x20 }.count,
      bytes.reversed().prefix { $0 == 0x20 }.count)
  }

  /// Offsets without the blanks of a token, where the files say so.
  private func trimmed(_ first: Int32, _ last: Int32, _ leading: Int, _ trailing: Int) -> Range<Int32> {
    var (start, end) = (first, max(first, last))
    guard tokenizer.pipeline.trimsOffsets else { return start..<end }
    // The blank that was put before the text does not belong to it.
    let isAdded = leading > 0 && tokenizer.pipeline.addsSpace && (found.offsets.isEmpty || start == 0)
    start = min(start + Int32(leading - (isAdded ? 1 : 0)), end)
    if end >= Int32(trailing) { end = max(end - Int32(trailing), start) }
    return start..<end
  }
}
