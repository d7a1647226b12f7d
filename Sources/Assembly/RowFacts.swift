import Data

/// What of a run's rows is worth knowing before it starts.
public struct RowFacts: Sendable, Equatable {
  /// The rows of one table.
  public struct Part: Sendable, Equatable {
    public let rows: Int
    /// Longer than the maximum length.
    public let cut: Int
    /// Longer than that, and read in windows.
    public let windowed: Int
    /// The most windows of a row.
    public let mostWindows: Int
    /// With an empty text, or an empty pair.
    public let empty: Int
    /// What becomes of the windows' scores.
    let windowReading: String
    let file: String
    let quoting: Quoting

    package init(_ dataset: TokenDataset) {
      (rows, cut, empty) = (dataset.rowCount, dataset.cutRows, dataset.emptyRows)
      (windowed, mostWindows) = (dataset.windowedRows, dataset.mostWindows)
      (file, quoting) = (dataset.file, dataset.quoting)
      windowReading = dataset.layout.windowReading
    }

    /// A line for each count that is not 0.
    package func notes(maximumLength: Int?) -> [String] {
      let limit = maximumLength.map { "\($0) tokens" } ?? "the model reads"
      func line(_ count: Int, _ predicate: String) -> String? {
        count > 0 ? "\(count) of \(rows) rows\(RowFacts.share(count, of: rows)) \(predicate)" : nil
      }
      return [
        line(cut, "are longer than \(limit) and are cut"),
        line(windowed, "are longer than \(limit) and are \(RowFacts.windowed(mostWindows, windowReading))"),
        line(empty, "have an empty text"),
      ].compactMap(\.self)
    }
  }

  public let train: Part
  public let validation: Part?
  /// Validation rows whose text and pair are a training row's, too.
  public private(set) var shared: Int
  /// The rows to validate on.
  private var validationRows: Int
  public let maximumLength: Int
  /// Tokens that the model can read.
  private let positions: Int
  /// Whether its task could read longer rows in windows.
  private let takesWindows: Bool

  init(train: TokenDataset, validation: TokenDataset?, maximumLength: Int, positions: Int, takesWindows: Bool) {
    self.train = Part(train)
    self.validation = validation.map(Part.init)
    shared = validation?.rowsShared(with: train) ?? 0
    validationRows = validation?.rowCount ?? 0
    (self.maximumLength, self.positions, self.takesWindows) = (maximumLength, positions, takesWindows)
  }

  /// A line for each count that is not 0, and for each decision about quotes.
  var notes: [String] {
    let remedy =
      maximumLength < positions
      ? "; raise data.maximum_length" + (takesWindows ? ", or read them in windows (data.windows)" : "")
      : ", and the model reads no more" + (takesWindows ? "; read them in windows (data.windows)" : "")
    let cut = counted(\.cut).map {
      "\($0) are longer than \(maximumLength) tokens and are cut" + remedy
    }
    let most = max(train.mostWindows, validation?.mostWindows ?? 1)
    let windowed = counted(\.windowed).map {
      "\($0) are longer than \(maximumLength) tokens and are \(Self.windowed(most, train.windowReading))"
    }
    let empty = counted(\.empty).map { "\($0) have an empty text" }
    let quotes = [train, validation].compactMap { part in part?.quoting.note(on: part?.file ?? "", .recipe) }
    return [cut, windowed, empty, sharedNote].compactMap(\.self) + quotes
  }

  private static func windowed(_ most: Int, _ reading: String) -> String {
    "read in windows, up to \(most) a row" + reading
  }

  /// Takes note of the training rows among validation rows that were cut off from them.
  mutating func noteShared(_ shared: Int, of rows: Int) { (self.shared, validationRows) = (shared, rows) }

  /// What validation rows that are training rows mean; nil where there is none.
  var sharedNote: String? {
    guard shared > 0 else { return nil }
    let remedy =
      validation == nil
      ? "remove rows that repeat others, or name the text's column in data.split.group"
      : "remove them from one of the tables"
    return
      "\(shared) of \(validationRows) validation rows\(Self.share(shared, of: validationRows)) are training rows, too, so that"
      + " their score says little; \(remedy)"
  }

  /// The counts, of tables in which they are not 0; nil where there is none.
  private func counted(_ count: KeyPath<Part, Int>) -> String? {
    let parts = [(train, "training"), (validation, "validation")].compactMap { part, name -> String? in
      guard let part, part[keyPath: count] > 0 else { return nil }
      return "\(part[keyPath: count]) of \(part.rows) \(name) rows\(Self.share(part[keyPath: count], of: part.rows))"
    }
    return parts.isEmpty ? nil : parts.joined(separator: " and ")
  }

  static func share(_ count: Int, of rows: Int) -> String {
    let tenths = (1000 * count + rows / 2) / rows
    return tenths == 0 ? " (below 0.1 %)" : " (\(tenths / 10).\(tenths % 10) %)"
  }
}
