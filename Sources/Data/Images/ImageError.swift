import Support

/// Why images cannot be used; rows are counted from 0.
public enum ImageError: ClassifiedError, Equatable, CustomStringConvertible, Sendable {
  /// The first bytes are not those of unsigned bytes in the IDX format.
  case notIDX(file: String)
  /// Another number of dimensions than images or labels have.
  case dimensions(file: String, found: Int, expected: String)
  /// A dimension of size 0.
  case noContent(file: String, dimensions: [Int])
  /// The dimensions ask for more than is ever read.
  case tooLarge(file: String, dimensions: [Int], maximum: Int)
  case truncated(file: String, found: Int, expected: Int)
  case trailingBytes(file: String, expected: Int)
  /// What zlib says about a compressed file.
  case damaged(file: String, reason: String)
  case countMismatch(images: String, imageCount: Int, labels: String, labelCount: Int)
  /// Labels that cannot become classes.
  case labels(file: String, row: Int?, problem: String, remedy: String)

  public var exitClass: ExitClass { .wrongInput }

  public var description: String {
    let again = "download or write the file again"
    return switch self {
    case .notIDX(let file):
      "\(file): not an IDX file of unsigned bytes: give one, plain or gzipped"
    case .dimensions(let file, let found, let expected):
      "\(file): \(found) dimensions, not \(expected): give images under data.train.images and labels under .labels"
    case .noContent(let file, let dimensions):
      "\(file): the dimensions \(dimensions) hold nothing: give a file with at least one row"
    case .tooLarge(let file, let dimensions, let maximum):
      "\(file): the dimensions \(dimensions) exceed what the file can hold, or \(maximum) bytes: \(again)"
    case .truncated(let file, let found, let expected):
      "\(file): \(found) bytes where the header promises \(expected): \(again)"
    case .trailingBytes(let file, let expected):
      "\(file): more than the \(expected) bytes that the header promises: \(again)"
    case .damaged(let file, let reason):
      "\(file): damaged gzip data (\(reason)): \(again)"
    case .countMismatch(let images, let imageCount, let labels, let labelCount):
      "\(images): \(imageCount) images, but \(labelCount) labels in \(labels): give two files that belong together"
    case .labels(let file, let row, let problem, let remedy):
      file + (row.map { ", row \($0)" } ?? "") + ": \(problem); \(remedy)"
    }
  }
}
