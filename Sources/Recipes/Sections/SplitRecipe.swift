/// Recipe key `data.split`: how validation rows are taken out of the training data, where there is no file of them.
public struct SplitRecipe: Sendable, Equatable {
  /// Of the rows, above 0 and below 1.
  public var fraction: Double
  /// The column whose equal values stay on one side.
  public var group: String?

  private static let usualFraction = 0.1

  /// Reads a number, or a mapping with keys; nil where the key is not there.
  init?(_ data: Section) throws {
    guard data.isMapping("split") else {
      guard let fraction = try data.positive("split") else { return nil }
      (self.fraction, group) = (try Self.checked(fraction, "split", data), nil)
      return
    }
    let section = try data.section(orEmpty: "split")
    fraction = try Self.checked(section.positive("fraction", default: Self.usualFraction), "fraction", section)
    group = try section.string("group")
    try section.finish()
  }

  private static func checked(_ fraction: Double, _ key: String, _ section: Section) throws -> Double {
    guard fraction < 1 else {
      throw section.error(key, "is \(fraction.written); give the part of the rows to validate on, such as 0.1")
    }
    return fraction
  }
}
