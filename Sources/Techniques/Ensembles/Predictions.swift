import Foundation

/// The probabilities that one model gave to rows, each row named by its id: what `lockstep predict` writes.
public struct Predictions: Sendable {
  public struct Row: Sendable, Equatable {
    public var id: Int
    public var probabilities: [Double]
    /// The row's true class, where the file has it (out-of-fold predictions do).
    public var truth: Int?

    public init(id: Int, probabilities: [Double], truth: Int? = nil) {
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
  public var classes: Int { labels.count }

  /// - Throws: `EnsembleError` where there are no rows, an id is there twice, or numbers are no probabilities.
  public init(_ rows: [Row], labels: [String?], source: String) throws {
    self.source = source
    self.rows = rows
    self.labels = labels
    guard !rows.isEmpty else { throw EnsembleError(source, nil, "has no rows", "give the file that predict wrote") }
    var seen = Set<Int>()
    for (index, row) in rows.enumerated() {
      guard row.truth.map(labels.indices.contains) ?? true else {
        throw EnsembleError(
          source, index, "has the truth \(row.truth!) of \(labels.count) classes", "give the number of its class")
      }
      guard seen.insert(row.id).inserted else {
        throw EnsembleError(source, index, "has id \(row.id) a second time", "give every row an id of its own")
      }
      guard row.probabilities.count == labels.count else {
        throw EnsembleError(
          source, index, "has \(row.probabilities.count) probabilities, not \(labels.count)",
          "use predictions of models with the same classes")
      }
      let sum = row.probabilities.reduce(0, +)
      guard row.probabilities.allSatisfy({ $0 >= 0 }), abs(sum - 1) < 1e-3 else {
        throw EnsembleError(source, index, "has probabilities that sum to \(sum)", "give probabilities, not scores")
      }
    }
  }

  private struct Line: Decodable {
    var id: Int
    var label: String
    var probabilities: [Double]
    var truth: Int?
  }

  /// Reads JSON lines of `id`, `label` (the most probable class), `probabilities` and perhaps `truth`, the
  /// number of the true class.
  public init(contentsOfFile path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw EnsembleError(path, nil, "cannot be read", "give the file that predict wrote")
    }
    let decoder = JSONDecoder()
    let lines = try data.split(separator: UInt8(ascii: "\n")).enumerated().map { index, line in
      do {
        return try decoder.decode(Line.self, from: Data(line))
      } catch {
        throw EnsembleError(
          path, index, "is no object with id, label and probabilities", "give the file that predict wrote")
      }
    }
    var labels = [String?](repeating: nil, count: lines.first?.probabilities.count ?? 0)
    for line in lines {
      if let best = line.probabilities.largestIndex, best < labels.count { labels[best] = line.label }
    }
    let rows = lines.map { Row(id: $0.id, probabilities: $0.probabilities, truth: $0.truth) }
    try self.init(rows, labels: labels, source: path)
  }
}

extension [Double] {
  /// The place of the largest value, the first of equals; nil where there is none.
  public var largestIndex: Int? { indices.max { self[$0] < self[$1] || (self[$0] == self[$1] && $0 > $1) } }
}

/// Predictions that cannot be put together: the file, the line, what is wrong and what to do.
public struct EnsembleError: Error, Equatable, CustomStringConvertible {
  public let source: String
  /// From 1, as editors count.
  public let line: Int?
  public let problem: String
  public let advice: String

  init(_ source: String, _ index: Int?, _ problem: String, _ advice: String) {
    self.source = source
    line = index.map { $0 + 1 }
    self.problem = problem
    self.advice = advice
  }

  public var description: String { "\(source)\(line.map { ", line \($0)," } ?? "") \(problem); \(advice)" }
}
