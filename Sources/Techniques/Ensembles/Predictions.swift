import Support
import Text

/// The probabilities that one model gave to rows, each row named by its id: what `lockstep predict` writes.
public struct Predictions: Sendable {
  public struct Row: Sendable, Equatable {
    public var id: String
    /// In the order of the classes.
    public var probabilities: [Double]
    /// The row's true class, where the file has it (out-of-fold predictions do).
    public var truth: Int?

    public init(id: String, probabilities: [Double], truth: Int? = nil) {
      self.id = id
      self.probabilities = probabilities
      self.truth = truth
    }
  }

  /// Where they come from, for errors.
  public let source: String
  public let rows: [Row]
  /// The name of each class; nil where no row tells, because the class is nowhere the most probable one.
  public let labels: [String?]
  /// Whether the file itself names its classes. Files written before that was so have names by what they call the most
  /// probable class alone.
  public let areClassesNamed: Bool
  public var classes: Int { labels.count }

  /// - Throws: `EnsembleError` where there are no rows, an id or a class is there twice, or numbers are no probabilities.
  public init(_ rows: [Row], labels: [String?], areClassesNamed: Bool = false, source: String) throws {
    self.source = source
    self.rows = rows
    self.labels = labels
    self.areClassesNamed = areClassesNamed
    guard !rows.isEmpty else { throw EnsembleError(source, nil, "has no rows", "give the file that predict wrote") }
    let names = labels.compactMap(\.self)
    precondition(!areClassesNamed || names.count == labels.count, "not every class of \(source) is named")
    var known = Set<ByteString>()
    if let twice = names.first(where: { !known.insert(ByteString($0)).inserted }) {
      throw EnsembleError(
        source, nil, "has the class \(twice.debugDescription) in two places",
        "give every class a name of its own")
    }
    var seen = Set<ByteString>()
    for (index, row) in rows.enumerated() {
      guard row.truth.map(labels.indices.contains) ?? true else {
        throw EnsembleError(
          source, index, "has the truth \(row.truth!) of \(labels.count) classes", "give the number of its class")
      }
      guard seen.insert(ByteString(row.id)).inserted else {
        throw EnsembleError(source, index, "has id \(row.id) a second time", "give every row an id of its own")
      }
      guard row.probabilities.count == labels.count else {
        throw EnsembleError(
          source, index, "has \(row.probabilities.count) probabilities, not \(labels.count)",
          "use predictions of models with the same classes")
      }
      let sum = row.probabilities.reduce(0, +)
      guard row.probabilities.allSatisfy({ $0 >= 0 }), abs(sum - 1) < 1e-3 else {
        let found = sum.isNaN ? "that are not numbers" : "that sum to \(sum)"
        throw EnsembleError(source, index, "has probabilities \(found)", "give probabilities, not scores")
      }
    }
  }
}

extension [Double] {
  /// The place of the largest value, the first of equals; nil where there is none.
  public var largestIndex: Int? { indices.max { self[$0] < self[$1] || (self[$0] == self[$1] && $0 > $1) } }
}
