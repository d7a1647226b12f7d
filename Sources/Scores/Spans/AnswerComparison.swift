/// How an answer in words is compared with those that are right.
public enum AnswerComparison: String, Sendable, CaseIterable {
  /// As the official script of SQuAD 1.1 and 2.0: without ASCII punctuation and the words a, an, the; F1 of the words as a bag.
  case squad
  /// As the official script of CMRC 2018: without its list of punctuation; F1 of the longest common run of Chinese characters and
  /// words.
  case cmrc

  /// Whether an answer is one of the right ones, and its F1, each 0 to 1: the best over the right ones, of which a question
  /// without an answer has none.
  public func scores(of answer: String, against right: [String]) -> (exact: Double, f1: Double) {
    switch self {
    case .squad:
      let words = EnglishAnswer.words(of: answer)
      return Self.best(right.isEmpty ? [""] : right) { other in
        let others = EnglishAnswer.words(of: other)
        return (words == others ? 1 : 0, EnglishAnswer.f1(words, others))
      }
    case .cmrc:
      let (plain, segments) = (ChineseAnswer.plain(answer), ChineseAnswer.segments(of: answer))
      guard !right.isEmpty else { return plain.isEmpty ? (1, 1) : (0, 0) }
      return Self.best(right) { other in
        (ChineseAnswer.plain(other) == plain ? 1 : 0, ChineseAnswer.f1(segments, ChineseAnswer.segments(of: other)))
      }
    }
  }

  /// Whether CMRC 2018's script takes it for a character of Chinese.
  public static func isChinese(_ scalar: Unicode.Scalar) -> Bool { 0x4E00...0x9FA5 ~= scalar.value }

  private static func best(
    _ right: [String], _ scores: (String) -> (exact: Double, f1: Double)
  ) -> (exact: Double, f1: Double) {
    right.map(scores).reduce((0, 0)) { (max($0.exact, $1.exact), max($0.f1, $1.f1)) }
  }
}

/// An answer as a list of words, as `normalize_answer` of SQuAD's script makes it.
enum EnglishAnswer {
  private static let articles = ["a", "an", "the"].map { Array($0.unicodeScalars) }

  static func words(of text: String) -> [[Unicode.Scalar]] {
    var (words, word, run): ([[Unicode.Scalar]], [Unicode.Scalar], [Unicode.Scalar]) = ([], [], [])
    func endWord() {
      if !word.isEmpty { words.append(word) }
      word = []
    }
    /// A run of letters and digits that is an article becomes a blank.
    func endRun() {
      if articles.contains(run) { endWord() } else { word += run }
      run = []
    }
    for scalar in PythonText.lowercased(text) where !PythonText.isPunctuation(scalar) {
      if PythonText.isOfWord(scalar) {
        run.append(scalar)
        continue
      }
      endRun()
      if PythonText.isSpace(scalar) { endWord() } else { word.append(scalar) }
    }
    endRun()
    endWord()
    return words
  }

  /// Of both as bags; nothing against nothing is 1.
  static func f1(_ words: [[Unicode.Scalar]], _ others: [[Unicode.Scalar]]) -> Double {
    guard !words.isEmpty, !others.isEmpty else { return words.isEmpty && others.isEmpty ? 1 : 0 }
    var left = others.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    var common = 0
    for word in words where left[word, default: 0] > 0 {
      left[word, default: 0] -= 1
      common += 1
    }
    return f1(common: common, words.count, others.count)
  }

  static func f1(common: Int, _ count: Int, _ other: Int) -> Double {
    guard common > 0 else { return 0 }
    let (precision, recall) = (Double(common) / Double(count), Double(common) / Double(other))
    return 2 * precision * recall / (precision + recall)
  }
}

/// An answer as CMRC 2018's script reads it.
enum ChineseAnswer {
  private static let punctuation = Set("-:_*^/\\~`+=，。：？！“”；’《》·、「」（）－～『』".unicodeScalars)

  /// Without punctuation.
  static func plain(_ text: String) -> [Unicode.Scalar] {
    PythonText.stripped(PythonText.lowercased(text)).filter { !punctuation.contains($0) }
  }

  /// Each Chinese character, and the words between them.
  static func segments(of text: String) -> [[Unicode.Scalar]] {
    var (segments, word): ([[Unicode.Scalar]], [Unicode.Scalar]) = ([], [])
    func endWord() {
      if !word.isEmpty { segments.append(word) }
      word = []
    }
    for scalar in plain(text) {
      let isChinese = AnswerComparison.isChinese(scalar)
      if isChinese || PythonText.isSpace(scalar) { endWord() }
      if isChinese { segments.append([scalar]) } else if !PythonText.isSpace(scalar) { word.append(scalar) }
    }
    endWord()
    return segments
  }

  /// Of the longest run that both have.
  static func f1(_ segments: [[Unicode.Scalar]], _ others: [[Unicode.Scalar]]) -> Double {
    var (row, longest) = ([Int](repeating: 0, count: others.count + 1), 0)
    for segment in segments {
      for place in others.indices.reversed() {
        row[place + 1] = segment == others[place] ? row[place] + 1 : 0
        longest = max(longest, row[place + 1])
      }
    }
    return EnglishAnswer.f1(common: longest, segments.count, others.count)
  }
}
