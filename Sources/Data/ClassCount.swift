/// A class and its rows.
public struct ClassCount: Sendable, Equatable {
  public let name: String
  public let rows: Int

  public init(name: String, rows: Int) { (self.name, self.rows) = (name, rows) }
}

extension Dataset {
  /// The rows of each class, in the order of the scores; classes without rows among them.
  ///
  /// - Parameter names: of the classes.
  public func classCounts(names: [String]) -> [ClassCount] {
    var counts = [Int](repeating: 0, count: names.count)
    for row in 0..<rowCount {
      let label = Int(label(row))
      if counts.indices ~= label { counts[label] += 1 }
    }
    return zip(names, counts).map { ClassCount(name: $0, rows: $1) }
  }
}
