/// Which columns of a table (or keys of its JSON objects) hold what.
public struct ColumnMapping: Sendable, Hashable {
  /// The text's column where nobody names one.
  public static let usualText = "sentence"
  /// The label's column where nobody names one.
  public static let usualLabel = "label"

  public var text: String
  /// The second text of a pair.
  public var pair: String?
  /// The columns of the targets; empty if the rows have none.
  public var labels: [String]
  /// The columns of the answers among which one is right; empty if rows have none.
  public var options: [String]
  /// The columns of the texts that a row's text is not like; empty if rows have none.
  public var negatives: [String]
  /// The name of each row; without it rows are numbered from 0.
  public var id: String?
  /// Where these names were given, for errors that say what to change.
  public var vocabulary: ColumnVocabulary

  /// The column of the only target; setting it replaces all.
  public var label: String? {
    get { labels.first }
    set { labels = newValue.map { [$0] } ?? [] }
  }

  public init(
    text: String, pair: String? = nil, label: String? = "label", id: String? = nil,
    vocabulary: ColumnVocabulary = .recipe
  ) {
    self.init(text: text, pair: pair, labels: label.map { [$0] } ?? [], id: id, vocabulary: vocabulary)
  }

  public init(
    text: String, pair: String? = nil, labels: [String], options: [String] = [], negatives: [String] = [],
    id: String? = nil, vocabulary: ColumnVocabulary = .recipe
  ) {
    self.text = text
    self.pair = pair
    self.labels = labels
    self.options = options
    self.negatives = negatives
    self.id = id
    self.vocabulary = vocabulary
  }

  /// The same with other columns where this one has what is usual, and no pair.
  public func filled(by usual: ColumnMapping?) -> ColumnMapping {
    guard let usual else { return self }
    var columns = self
    if text == Self.usualText { columns.text = usual.text }
    columns.pair = pair ?? usual.pair
    if labels == [Self.usualLabel] { columns.labels = usual.labels }
    return columns
  }

  /// What a column is for.
  enum Role: String, CaseIterable, Sendable {
    case text, pair, label, id, options, negative
  }

  /// The named columns.
  var named: [(role: Role, column: String)] {
    [(.text, text)] + [pair.map { (.pair, $0) }].compactMap(\.self) + labels.map { (.label, $0) }
      + [id.map { (.id, $0) }].compactMap(\.self) + options.map { (.options, $0) } + negatives.map { (.negative, $0) }
  }

  /// The setting that names the text's column again: rows would give away their label, or be pairs of the same text.
  var again: String? {
    named.dropFirst().first { $0.role != .id && $0.column == text }.map { vocabulary.column($0.role) }
  }
}

/// The words in which a user said how a table is read.
public enum ColumnVocabulary: Sendable, Hashable {
  /// Keys of a recipe.
  case recipe
  /// Options of a command.
  case options
  /// Another key of a recipe, for the one column that it names.
  case key(String)

  /// The setting for a column.
  func column(_ role: ColumnMapping.Role) -> String {
    switch self {
    case .recipe: "data.columns.\(role.rawValue)"
    case .options: "--\(role.rawValue)"
    case .key(let key): key
    }
  }

  /// A setting of a table that is not a column, with a value: `data.quotes: none`, or `--quotes none`.
  func setting(_ key: String, _ value: String? = nil) -> String {
    self == .options
      ? "--\(key)" + (value.map { " \($0)" } ?? "") : "data.\(key)" + (value.map { ": \($0)" } ?? "")
  }
}
