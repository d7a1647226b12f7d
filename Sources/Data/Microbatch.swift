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
    input: Input, targets: [Float], rows: [Int32], sampleIDs: [Int], groups: [Int32]? = nil, sequences: [Int32]? = nil
  ) {
    require(rows.count == sampleIDs.count, "\(rows.count) rows, \(sampleIDs.count) sample ids")
    require(
      rows.isEmpty ? targets.isEmpty : targets.count % rows.count == 0, "\(targets.count) targets, \(rows.count) rows")
    require(
      groups.map { $0.count == rows.count + 1 && Int($0[rows.count]) == sequences?.count } ?? true,
      "\(groups?.count ?? 0) borders of groups, \(rows.count) rows, \(sequences?.count ?? 0) sequences")
    self.input = input
    self.targets = targets
    self.rows = rows
    self.sampleIDs = sampleIDs
    self.groups = groups
    self.sequences = sequences ?? rows
  }

  /// Targets of a row.
  public var targetWidth: Int { rows.isEmpty ? 0 : targets.count / rows.count }

  /// The class of each row whose target is one; -1 where it has none.
  public var labels: [Int32] {
    let width = targetWidth
    guard width > 0 else { return [Int32](repeating: -1, count: rows.count) }
    return rows.indices.map { max(-1, Int32(exactly: targets[$0 * width]) ?? -1) }
  }

  /// Where a row's sequences stand among those of the microbatch.
  public func sequences(of row: Int) -> Range<Int> {
    groups.map { Int($0[row])..<Int($0[row + 1]) } ?? row..<row + 1
  }
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
