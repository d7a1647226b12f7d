import Support
import Tensors

/// What becomes of a pixel between 0 and 1: (pixel - mean) / deviation.
public struct PixelNormalization: Sendable, Hashable {
  public var mean: Float
  public var deviation: Float

  public init(mean: Float, deviation: Float) {
    require(deviation > 0 && deviation.isFinite && mean.isFinite, "mean \(mean), deviation \(deviation)")
    self.mean = mean
    self.deviation = deviation
  }

  /// Pixels stay between 0 and 1.
  public static let unit = PixelNormalization(mean: 0, deviation: 1)
  /// The mean and the deviation of MNIST's training images.
  public static let mnist = PixelNormalization(mean: 0.1307, deviation: 0.3081)
}

/// Images with their classes, from a pair of IDX files.
public struct ImageDataset: CellRows {
  public let rowCount: Int
  public let channels: Int
  public let height: Int
  public let width: Int
  /// [rows, channels, height, width] as in the file.
  private let pixels: [UInt8]
  private let labels: [UInt8]?
  private let labelFile: String
  /// How labels became classes; nil if there are none.
  public private(set) var labelScheme: LabelScheme?
  private var targets: Targets?
  /// The normalised value of each byte.
  private let levels: [Float]

  /// Reads both files.
  ///
  /// - Parameters:
  ///   - images: [rows, height, width] or [rows, channels, height, width].
  ///   - labels: [rows], or nil if there are none.
  ///   - limit: only the first rows.
  /// - Throws: `FileError` or `ImageError`.
  public init(
    images: String, labels: String?, limit: Int? = nil, normalization: PixelNormalization = .unit
  ) throws {
    require(limit.map { $0 > 0 } ?? true, "a limit of \(limit ?? 0) rows")
    let imageFile = try IDXFile(file: images, dimensionCounts: 3...4, expected: "3 or 4")
    let sizes = imageFile.dimensions
    rowCount = min(sizes[0], limit ?? Int.max)
    channels = sizes.count == 4 ? sizes[1] : 1
    (height, width) = (sizes[sizes.count - 2], sizes[sizes.count - 1])
    let isWhole = rowCount == sizes[0]
    pixels = isWhole ? imageFile.values : Array(imageFile.values[..<(rowCount * channels * height * width)])
    self.labels = try labels.map { file in
      let labelFile = try IDXFile(file: file, dimensionCounts: 1...1, expected: "1")
      guard labelFile.values.count == sizes[0] else {
        throw ImageError.countMismatch(
          images: images, imageCount: sizes[0], labels: file, labelCount: labelFile.values.count)
      }
      return labelFile.values
    }
    labelFile = labels ?? ""
    levels = (0..<256).map { (Float($0) / 255 - normalization.mean) / normalization.deviation }
  }

  /// Reads both files, and makes classes of the labels.
  ///
  /// - Parameter source: how labels become classes.
  /// - Throws: `FileError` or `ImageError`.
  public init(
    images: String, labels: String?, source: LabelSource, limit: Int? = nil, normalization: PixelNormalization = .unit
  ) throws {
    try self.init(images: images, labels: labels, limit: limit, normalization: normalization)
    guard labels != nil else { return }
    let scheme = try source.scheme(for: targetCells)
    targets = Targets(classes: try scheme.classes(of: targetCells))
    labelScheme = scheme
  }

  /// The labels as a task reads them.
  public var targetCells: TargetCells {
    let values = labels.map { Array($0[..<rowCount]) } ?? []
    return TargetCells(
      file: labelFile, columns: values.isEmpty ? [] : [""], vocabulary: .recipe, lines: Array(0..<rowCount),
      cells: values.map { String($0) }, areImages: true)
  }

  /// The same rows with these targets.
  public func with(_ targets: Targets) -> ImageDataset {
    precondition(targets.values.count == rowCount * targets.width, "targets of another number of rows")
    var dataset = self
    dataset.targets = targets
    return dataset
  }

  /// The number of pixels, the same for all rows.
  public func length(_ row: Int) -> Int { channels * height * width }

  public func targets(_ row: Int) -> [Float] { targets.map { Array($0[row]) } ?? [] }

  public func sampleID(_ row: Int) -> Int { row }

  public func microbatch(rows: [Int], positions: Range<Int>) -> Microbatch {
    require(rows.count == positions.count, "\(rows.count) rows for the positions \(positions)")
    let size = channels * height * width
    let values = [Float](unsafeUninitializedCapacity: rows.count * size) { values, count in
      for row in rows {
        require(0..<rowCount ~= row, "row \(row) of \(rowCount)")
        for index in row * size..<(row + 1) * size {
          values.initializeElement(at: count, to: levels[Int(pixels[index])])
          count += 1
        }
      }
    }
    return Microbatch(
      input: .images(ImageBatch(pixels: values, channels: channels, height: height, width: width)),
      targets: rows.flatMap(targets), rows: positions.map(Int32.init), sampleIDs: rows)
  }
}
