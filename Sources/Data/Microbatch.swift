import Tensors

/// The rows that go through a model at once.
public struct Microbatch: Sendable {
  /// What the model sees.
  public enum Input: Sendable {
    case tokens(TokenBatch)
    case images(ImageBatch)
  }

  public var input: Input
  /// The targets of each row, as `Dataset` gives them; as many numbers for each.
  public var targets: [Float]
  /// The position of each row in the global batch: the row coordinate of random draws.
  public var rows: [Int32]
  /// Where the sequences of each row begin, and the end of the last; nil where each row is one sequence.
  public var groups: [Int32]?
  /// The words that have their own targets and scores; nil where rows have them.
  public var words: LabelledWords?
  /// Where the windows of each row begin among the sequences, and the end of the last, where a row's scores are the means of
  /// theirs, or its words are spread over them; nil where each sequence has its own scores.
  public var windows: [Int32]?
  /// The row coordinate of the random draws of each sequence; the rows' where each is one.
  public var sequences: [Int32]
  /// The number of each row in the ledger: its id where all ids are whole numbers, else its own in the dataset from 0.
  public var sampleIDs: [Int]

  public init(input: Input, labels: [Int32], rows: [Int32], sampleIDs: [Int]) {
    require(labels.count == rows.count, "\(labels.count) labels, \(rows.count) rows")
    self.init(
      input: input, targets: labels.map { $0 < 0 ? .nan : Float($0) }, rows: rows, sampleIDs: sampleIDs)
  }

  public init(
    input: Input, targets: [Float], rows: [Int32], sampleIDs: [Int], groups: [Int32]? = nil,
    windows: [Int32]? = nil, sequences: [Int32]? = nil, words: LabelledWords? = nil
  ) {
    require(rows.count == sampleIDs.count, "\(rows.count) rows, \(sampleIDs.count) sample ids")
    let units = words?.tokens.count ?? rows.count
    require(
      units == 0 ? targets.isEmpty : targets.count % units == 0,
      "\(targets.count) targets, \(units) \(words == nil ? "rows" : "words")")
    require(
      words.map { $0.borders.count == rows.count + 1 } ?? true,
      "\(words?.borders.count ?? 0) borders of words, \(rows.count) rows")
    require(groups == nil || windows == nil, "rows of several sequences, of which each has windows")
    for borders in [groups, windows].compactMap(\.self) {
      require(
        borders.count == rows.count + 1 && Int(borders[rows.count]) == sequences?.count,
        "\(borders.count) borders of groups, \(rows.count) rows, \(sequences?.count ?? 0) sequences")
    }
    self.input = input
    self.targets = targets
    self.rows = rows
    self.sampleIDs = sampleIDs
    self.groups = groups
    self.windows = windows
    self.sequences = sequences ?? rows
    self.words = words
  }

  /// What has targets: the words that are labelled, else the rows.
  private var unitCount: Int { words?.tokens.count ?? rows.count }

  /// Targets of a row, or of a word.
  public var targetWidth: Int { unitCount == 0 ? 0 : targets.count / unitCount }

  /// The class of each row, or of each word, whose target is one; -1 where it has none.
  public var labels: [Int32] {
    let width = targetWidth
    guard width > 0 else { return [Int32](repeating: -1, count: unitCount) }
    return (0..<unitCount).map { max(-1, Int32(exactly: targets[$0 * width]) ?? -1) }
  }

  /// Where a row's answers stand among those of the microbatch: one, or one of each of its words.
  public func answers(of row: Int) -> Range<Int> { words?.words(of: row) ?? row..<row + 1 }

  /// Where a row's scores stand among those of the microbatch: of each of its words, or of each of its sequences.
  public func scores(of row: Int) -> Range<Int> { words?.words(of: row) ?? sequences(of: row) }

  /// Where a row's scores stand among those of the microbatch: one of each of its sequences, or of all its windows together.
  public func sequences(of row: Int) -> Range<Int> {
    groups.map { Int($0[row])..<Int($0[row + 1]) } ?? row..<row + 1
  }
}

/// Words of a microbatch that have their own targets and scores.
public struct LabelledWords: Sendable, Equatable {
  /// The token in the packed batch at which each word begins.
  public var tokens: [Int32]
  /// Where each row's words begin, and the end of the last.
  public var borders: [Int32]

  public init(tokens: [Int32], borders: [Int32]) {
    require(
      borders.first == 0 && borders.last.map(Int.init) == tokens.count, "borders \(borders) of \(tokens.count) words")
    (self.tokens, self.borders) = (tokens, borders)
  }

  /// Whether every row has one.
  public var areEverywhere: Bool { zip(borders, borders.dropFirst()).allSatisfy { $0 < $1 } }

  /// The words of a row.
  func words(of row: Int) -> Range<Int> { Int(borders[row])..<Int(borders[row + 1]) }
}

/// Images of one size.
public struct ImageBatch: Sendable, Equatable {
  /// [rows, channels, height, width], normalised.
  public var pixels: [Float]
  public var channels: Int
  public var height: Int
  public var width: Int

  public init(pixels: [Float], channels: Int, height: Int, width: Int) {
    self.pixels = pixels
    self.channels = channels
    self.height = height
    self.width = width
  }
}
