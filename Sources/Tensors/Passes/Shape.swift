/// The extents of a dense, row-major block of numbers, outermost first.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  public let dimensions: [Int]

  /// The number of elements.
  public let count: Int

  public init(_ dimensions: [Int]) {
    require(dimensions.allSatisfy { $0 >= 0 }, "a shape has no negative extents: \(dimensions)")
    self.dimensions = dimensions
    self.count = dimensions.reduce(1, *)
  }

  public init(arrayLiteral elements: Int...) { self.init(elements) }

  public subscript(index: Int) -> Int { dimensions[index] }
  public var rank: Int { dimensions.count }
  public var description: String { "[" + dimensions.map(String.init).joined(separator: ", ") + "]" }
}
