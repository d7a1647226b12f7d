import Tensors

/// The rows that go through a model at once.
public struct Microbatch: Sendable {
  /// What the model sees.
  public enum Input: Sendable {
    case tokens(TokenBatch)
    case images(ImageBatch)
  }

  public var input: Input
  /// The class of each row; -1 where the data has no labels.
  public var labels: [Int32]
  /// The position of each row in the global batch: the row coordinate of random draws.
  public var rows: [Int32]
  /// The number of each row in the ledger: its id where all ids are whole numbers, else its own in the dataset from 0.
  public var sampleIDs: [Int]

  public init(input: Input, labels: [Int32], rows: [Int32], sampleIDs: [Int]) {
    require(
      labels.count == rows.count && rows.count == sampleIDs.count,
      "\(labels.count) labels, \(rows.count) rows, \(sampleIDs.count) sample ids")
    self.input = input
    self.labels = labels
    self.rows = rows
    self.sampleIDs = sampleIDs
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
