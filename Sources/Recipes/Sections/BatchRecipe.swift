/// Recipe section `batch`: how rows become steps.
public struct BatchRecipe {
  /// Rows of a global batch, whatever the rank count.
  public var size: Int
  /// Rows that are computed at once.
  public var microbatch: Int
  /// Global batches whose rows are sorted by length together; 0 or 1 for none.
  public var buckets: Int

  init(_ section: Section) throws {
    size = try section.integer("size", default: 32, atLeast: 1, atMost: 1_000_000)
    microbatch = try section.integer(
      "microbatch", default: Self.usualMicrobatch(size: size), atLeast: 1, atMost: 65_536)
    buckets = try section.integer("buckets", default: 0, atLeast: 0, atMost: 1_000_000)
    try section.finish()
    guard size % microbatch == 0 else {
      throw section.error("microbatch", "is \(microbatch), which does not divide batch.size \(size); give a divisor")
    }
  }

  /// The largest divisor of the batch up to 16 rows of which there are 8 or more, so that 8 ranks have work. It depends on the
  /// recipe alone, as all that is computed does.
  private static func usualMicrobatch(size: Int) -> Int {
    (1...max(1, min(16, size / 8))).last { size % $0 == 0 } ?? 1
  }
}
