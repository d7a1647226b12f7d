import Data
import Support
import Testing

struct ImageDatasetTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func dataset(
    _ images: [UInt8], _ labels: [UInt8] = IDXBytes.idx(dimensions: [2], values: [1, 0]), limit: Int? = nil,
    source: LabelSource = .inferred(labels: 2), normalization: PixelNormalization = .unit
  ) throws -> ImageDataset {
    try ImageDataset(
      images: folder.write(images, to: "images"), labels: folder.write(labels, to: "labels"), source: source,
      limit: limit,
      normalization: normalization)
  }

  /// Two images of 2 x 3 pixels.
  private static let small = IDXBytes.idx(
    dimensions: [2, 2, 3], values: [0, 51, 102, 153, 204, 255, 5, 4, 3, 2, 1, 0])

  @Test("Plain and gzipped files give the same images", arguments: [false, true])
  func both(isCompressed: Bool) throws {
    let dataset = try dataset(isCompressed ? IDXBytes.gzip(Self.small) : Self.small)
    #expect(dataset.rowCount == 2)
    #expect([dataset.channels, dataset.height, dataset.width] == [1, 2, 3])
    #expect(dataset.lengths == [6, 6])
    let microbatch = dataset.microbatch(rows: [1, 0], positions: 3..<5)
    #expect(microbatch.labels == [0, 1])
    #expect(microbatch.rows == [3, 4])
    #expect(microbatch.sampleIDs == [1, 0])
    guard case .images(let batch) = microbatch.input else { return #expect(Bool(false), "no images") }
    let bytes: [Float] = [5, 4, 3, 2, 1, 0, 0, 51, 102, 153, 204, 255]
    #expect(batch == ImageBatch(pixels: bytes.map { $0 / 255 }, channels: 1, height: 2, width: 3))
  }

  @Test("Pixels are normalised, four dimensions are channels, and a limit keeps the first rows")
  func normalization() throws {
    let dataset = try dataset(
      IDXBytes.idx(dimensions: [2, 3, 1, 2], values: Array(0..<12)), limit: 1, source: .scheme(.integers(classes: 2)),
      normalization: .mnist)
    #expect([dataset.rowCount, dataset.channels, dataset.height, dataset.width] == [1, 3, 1, 2])
    guard case .images(let batch) = dataset.microbatch(rows: [0], positions: 0..<1).input else { return }
    #expect(batch.pixels.count == 6)
    for (value, pixel) in zip(batch.pixels, 0..<6) {
      #expect(abs(Double(value) - (Double(pixel) / 255 - 0.1307) / 0.3081) < 1e-6)
    }
  }

  @Test(
    "What ships is read in full",
    arguments: [
      ("train-12k", 12_000, [1206, 1351, 1176, 1228, 1184, 1048, 1208, 1279, 1127, 1193]),
      ("t10k", 10_000, [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]),
    ])
  func shippedFiles(name: String, count: Int, perClass: [Int]) throws {
    let dataset = try ImageDataset(
      images: shipped("mnist/\(name)-images-idx3-ubyte.gz"), labels: shipped("mnist/\(name)-labels-idx1-ubyte.gz"),
      source: .inferred(labels: nil))
    #expect(dataset.rowCount == count)
    #expect([dataset.channels, dataset.height, dataset.width] == [1, 28, 28])
    let counts = (0..<count).reduce(into: [Int](repeating: 0, count: 10)) { $0[Int(dataset.label($1))] += 1 }
    #expect(counts == perClass)
  }

  /// A file that cannot be used, and the message behind its name.
  struct Bad: Sendable {
    let content: [UInt8]
    let message: String

    init(_ content: [UInt8], _ message: String) {
      self.content = content
      self.message = message
    }
  }

  private static let again = "download or write the file again"
  private static let notIDX = "not an IDX file of unsigned bytes: give one, plain or gzipped"
  private static let folders = "give images under data.train.images and labels under .labels"
  private static let truncated: [UInt8] = IDXBytes.gzip(small).dropLast(9)
  private static let huge: [UInt32] = [.max, .max, .max]

  static let bad: [Bad] = [
    Bad([], notIDX),
    Bad([0, 0, 8], notIDX),
    Bad([0, 0, 13, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0], notIDX),
    Bad([0, 0, 8, 1, 0, 0, 0, 1, 0], "1 dimensions, not 3 or 4: \(folders)"),
    Bad([0, 0, 8, 255], "255 dimensions, not 3 or 4: \(folders)"),
    Bad([0, 0, 8, 3, 0, 0], "6 bytes where the header promises 16: \(again)"),
    Bad(
      IDXBytes.idx(dimensions: [2, 0, 3], values: []),
      "the dimensions [2, 0, 3] hold nothing: give a file with at least one row"),
    Bad(small.dropLast(), "27 bytes where the header promises 28: \(again)"),
    Bad(small + [0], "more than the 28 bytes that the header promises: \(again)"),
    Bad(
      IDXBytes.idx(dimensions: huge, values: []),
      "the dimensions \(huge) exceed what the file can hold, or 4294967296 bytes: \(again)"),
    Bad(
      IDXBytes.gzip(IDXBytes.idx(dimensions: [60_000, 28, 28], values: [1])),
      "the dimensions [60000, 28, 28] exceed what the file can hold, or 4294967296 bytes: \(again)"),
    Bad(IDXBytes.gzip(small + [0]), "more than the 28 bytes that the header promises: \(again)"),
    Bad(truncated, "damaged gzip data (the data ends too early): \(again)"),
    Bad(IDXBytes.gzip(small) + [0], "damaged gzip data (bytes follow the end of the data): \(again)"),
  ]

  @Test("An image file that cannot be used is refused in one line", arguments: bad)
  func refused(bad: Bad) throws {
    let error = #expect(throws: ImageError.self) { try dataset(bad.content) }
    #expect(error?.description == "\(folder.path)/images: \(bad.message)")
  }

  @Test("A flipped bit in compressed data is found by its checksum")
  func checksum() throws {
    var compressed = IDXBytes.gzip(Self.small)
    compressed[compressed.count - 12] ^= 1
    let error = #expect(throws: ImageError.self) { try dataset(compressed) }
    #expect(error?.description.contains("incorrect data check") == true)
  }

  @Test("Labels must be as many as images, and in range")
  func labels() throws {
    let (images, labels) = ("\(folder.path)/images", "\(folder.path)/labels")
    let expected = ImageError.countMismatch(images: images, imageCount: 2, labels: labels, labelCount: 3)
    #expect(throws: expected) { try dataset(Self.small, IDXBytes.idx(dimensions: [3], values: [0, 0, 0])) }
    let single = #expect(throws: ImageError.self) {
      try dataset(Self.small, IDXBytes.idx(dimensions: [2], values: [7, 7]))
    }
    #expect(
      single?.description.hasPrefix("\(labels): every row has the label \"7\", and training needs two classes") == true)
    let range = #expect(throws: ImageError.self) {
      try dataset(Self.small, IDXBytes.idx(dimensions: [2], values: [0, 2]), source: .scheme(.integers(classes: 2)))
    }
    #expect(
      range?.description
        == "\(labels), row 1: label \"2\" is not one of the classes 0 to 1; correct the label, leave the"
        + " row out, or add training rows of its class")
    let three = IDXBytes.idx(dimensions: [3, 2, 2], values: Array(0..<12))
    let many = #expect(throws: ImageError.self) {
      try dataset(three, IDXBytes.idx(dimensions: [3], values: [0, 1, 5]))
    }
    #expect(many?.description.contains("row 2: label \"5\" (1 row) is one of 3 classes") == true)
    #expect(throws: FileError.self) {
      try ImageDataset(images: images, labels: "\(folder.path)/none", source: .inferred(labels: 2))
    }
  }

  @Test("Labels that do not begin at 0 become names in the order of the numbers, and a model's order is kept")
  func numberedFromOne() throws {
    let labels = IDXBytes.idx(dimensions: [2], values: [10, 9])
    let dataset = try dataset(Self.small, labels, source: .inferred(labels: nil))
    #expect(dataset.labelScheme == .names(["9", "10"]))
    #expect((0..<2).map(dataset.label) == [1, 0])
    let ordered = dataset.with(Targets(classes: [0, 1]))
    #expect((0..<2).map(ordered.label) == [0, 1])
    let again = try self.dataset(Self.small, labels, source: .model(["10", "9"]))
    #expect((0..<2).map(again.label) == [0, 1])
  }
}
