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
public struct ImageDataset: Dataset {
  public let rowCount: Int
  public let channels: Int
  public let height: Int
  public let width: Int
  /// [rows, channels, height, width] as in the file.
  private let pixels: [UInt8]
  private let labels: [UInt8]?
  /// How labels became classes; nil if there are none.
  public private(set) var labelScheme: LabelScheme?
  /// The class of each label.
  private var classes: [Int32]
  /// The normalised value of each byte.
  private let levels: [Float]

  /// Reads both files.
  ///
  /// - Parameters:
  ///   - images: [rows, height, width] or [rows, channels, height, width].
  ///   - labels: [rows], or nil if there are none.
  ///   - source: how labels become classes.
  ///   - limit: only the first rows.
  /// - Throws: `FileError` or `ImageError`.
  public init(
    images: String, labels: String?, source: LabelSource, limit: Int? = nil, normalization: PixelNormalization = .unit
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
    (labelScheme, classes) = (nil, [])
    if let values = self.labels {
      let read = try Self.classes(of: values[..<rowCount], source, file: labels ?? "")
      (labelScheme, classes) = (read.scheme, read.classes)
    }
    levels = (0..<256).map { (Float($0) / 255 - normalization.mean) / normalization.deviation }
  }

  /// The scheme of a file's labels, and the class of each byte; -1 for bytes that are not labels.
  /// - Throws: `ImageError` naming the row.
  private static func classes(
    of values: ArraySlice<UInt8>, _ source: LabelSource, file: String
  ) throws(ImageError) -> (scheme: LabelScheme, classes: [Int32]) {
    do throws(LabelProblem) {
      let counts = LabelCounts(of: values)
      let scheme: LabelScheme =
        switch source {
        case .inferred(let labels): try LabelScheme(of: counts, labels: labels)
        case .scheme(let scheme): scheme
        case .model(let names): LabelSource.scheme(of: names, for: counts.entries.map(\.label))
        }
      let lookup = scheme.lookup
      var classes = [Int32](repeating: -1, count: 256)
      for entry in counts.entries {
        guard let value = UInt8(entry.label), let place = lookup(entry.label) else {
          throw scheme.problem(entry.label, line: entry.line, .recipe)
        }
        classes[Int(value)] = place
      }
      return (scheme, classes)
    } catch {
      throw .labels(file: file, row: error.line, problem: error.problem, remedy: error.remedy)
    }
  }

  /// The same rows with their classes in the order of another scheme.
  ///
  /// - Parameter order: the other scheme's class of each class of this one.
  public func ordered(as scheme: LabelScheme, _ order: [Int32]) -> ImageDataset {
    var dataset = self
    dataset.classes = classes.map { $0 < 0 ? $0 : order[Int($0)] }
    dataset.labelScheme = scheme
    return dataset
  }

  /// The number of pixels, the same for all rows.
  public func length(_ row: Int) -> Int { channels * height * width }

  public func label(_ row: Int) -> Int32 { labels.map { classes[Int($0[row])] } ?? -1 }

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
      labels: rows.map(label), rows: positions.map(Int32.init), sampleIDs: rows)
  }
}
