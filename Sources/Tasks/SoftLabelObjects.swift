import Data
import Support

/// Label cells that hold the probabilities of a row by the names of its classes: `{"yes": 0.75, "no": 0.25}`. A class that a
/// row does not name has 0.
struct SoftLabelObjects {
  private let cells: TargetCells

  /// Nil where no row has an object.
  init?(_ cells: TargetCells) {
    guard cells.columns.count == 1, cells.hasObjects else { return nil }
    self.cells = cells
  }

  /// The classes that the rows name: 0, 1 … where these are all of them, else whole numbers in their order and words in that
  /// of their UTF-8.
  /// - Throws: an error that names file and line.
  func scheme() throws -> LabelScheme {
    let names = try names()
    guard names.count > 1 else {
      throw cells.error(
        "has \(names.first.map { "the class \($0.debugDescription) alone" } ?? "no class in any row")",
        remedy: "write the probabilities of two classes or more")
    }
    let numbers = names.compactMap { WholeNumber.value(of: $0) }
    guard numbers.count == names.count else {
      return .names(names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    }
    let order = zip(numbers, names).sorted { $0.0 < $1.0 }
    return order.map(\.0) == Array(names.indices) ? .integers(classes: names.count) : .names(order.map(\.1))
  }

  /// The probabilities of each row, in the order of the classes of the scores.
  /// - Throws: an error that names file and line.
  func probabilities(of classes: [String]) throws -> [[Double]] {
    let names = try names()
    let places = Dictionary(
      uniqueKeysWithValues: zip(names.map(ByteString.init), LabelSource.places(of: names, among: classes)))
    return try (0..<cells.rowCount).map { row in
      var values = [Double?](repeating: nil, count: classes.count)
      for (name, text) in try members(row) {
        guard let place = places[ByteString(name)] ?? nil else {
          throw cells.error(
            row: row, "label has the class \(name.debugDescription), which is not one of \(classes.inShort)",
            remedy: "correct the class, or add training rows that have it")
        }
        guard values[place] == nil else {
          throw cells.error(
            row: row, "label has the class \(classes[place].debugDescription) twice", remedy: "write it once")
        }
        values[place] = try cells.probability(text, of: name, row)
      }
      return values.map { $0 ?? 0 }
    }
  }

  /// All classes that rows name, in the order in which they appear.
  private func names() throws -> [String] {
    var (names, known): ([String], Set<ByteString>) = ([], [])
    for row in 0..<cells.rowCount {
      for (name, _) in try members(row) where known.insert(ByteString(name)).inserted { names.append(name) }
    }
    return names
  }

  private func members(_ row: Int) throws -> [(name: String, text: String)] {
    if let members = cells.object(row) { return members }
    throw cells.error(
      row: row, "label \(cells.first(row).debugDescription) is not an object, and those of other rows are",
      remedy: "write the probabilities of its classes, such as {\"yes\": 1}")
  }
}
