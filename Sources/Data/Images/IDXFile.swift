import Support

/// An array of unsigned bytes in the IDX format of MNIST, plain or gzipped.
///
/// Two zero bytes, the type (8: unsigned byte), the number of dimensions, each dimension as four bytes, most
/// significant first, then the values with the last dimension fastest. Source: LeCun, Cortes, Burges, "The MNIST
/// database of handwritten digits".
struct IDXFile {
  /// No array of more bytes is read.
  static let largestSize = 1 << 32

  let dimensions: [Int]
  let values: [UInt8]

  /// Reads a file; how much it can hold is compared with its dimensions before memory is taken for it.
  ///
  /// - Throws: `FileError` or `ImageError`.
  init(file: String, dimensionCounts: ClosedRange<Int>, expected: String) throws {
    let content = try FileReader.bytes(of: file)
    let gzip = GzipReader.isGzip(content) ? GzipReader(content) : nil
    var source = IDXSource(file: file, content: content, gzip: gzip)
    dimensions = try Self.dimensions(from: &source, counts: dimensionCounts, expected: expected)
    let largest = gzip == nil ? Self.largestSize : min(Self.largestSize, content.count * GzipReader.largestRatio)
    var size = 1
    for dimension in dimensions {
      let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
      guard !overflow, product <= largest else {
        throw ImageError.tooLarge(file: file, dimensions: dimensions, maximum: Self.largestSize)
      }
      size = product
    }
    let total = 4 + 4 * dimensions.count + size
    if gzip == nil, content.count < total {
      throw ImageError.truncated(file: file, found: content.count, expected: total)
    }
    values = try source.read(size)
    guard values.count == size else {
      throw ImageError.truncated(file: file, found: total - size + values.count, expected: total)
    }
    guard try source.read(1).isEmpty else { throw ImageError.trailingBytes(file: file, expected: total) }
  }

  private static func dimensions(
    from source: inout IDXSource, counts: ClosedRange<Int>, expected: String
  ) throws -> [Int] {
    let file = source.file
    let magic = try source.read(4)
    guard magic.count == 4, magic[0] == 0, magic[1] == 0, magic[2] == 8 else { throw ImageError.notIDX(file: file) }
    let count = Int(magic[3])
    guard counts.contains(count) else { throw ImageError.dimensions(file: file, found: count, expected: expected) }
    let sizes = try source.read(4 * count)
    guard sizes.count == 4 * count else {
      throw ImageError.truncated(file: file, found: 4 + sizes.count, expected: 4 + 4 * count)
    }
    let dimensions = stride(from: 0, to: sizes.count, by: 4).map { start in
      sizes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    guard dimensions.allSatisfy({ $0 > 0 }) else { throw ImageError.noContent(file: file, dimensions: dimensions) }
    return dimensions
  }
}

/// The bytes of a plain or of a gzipped file, in order.
private struct IDXSource {
  let file: String
  let content: [UInt8]
  let gzip: GzipReader?
  private var position = 0

  init(file: String, content: [UInt8], gzip: GzipReader?) {
    self.file = file
    self.content = content
    self.gzip = gzip
  }

  /// As many bytes as asked for, or fewer at the end.
  mutating func read(_ count: Int) throws -> [UInt8] {
    if let gzip {
      do { return try gzip.read(count) } catch { throw ImageError.damaged(file: file, reason: error.reason) }
    }
    let part = content[position...].prefix(count)
    position += part.count
    return Array(part)
  }
}
