/// Which columns of a table (or keys of its JSON objects) hold what.
public struct ColumnMapping: Sendable, Hashable {
  public var text: String
  /// The second text of a pair.
  public var pair: String?
  /// Nil if the rows have no labels.
  public var label: String?
  /// The name of each row; without it rows are numbered from 0.
  public var id: String?
  /// Where these names were given, for errors that say what to change.
  public var vocabulary: ColumnVocabulary

  public init(
    text: String, pair: String? = nil, label: String? = "label", id: String? = nil,
    vocabulary: ColumnVocabulary = .recipe
  ) {
    self.text = text
    self.pair = pair
    self.label = label
    self.id = id
    self.vocabulary = vocabulary
  }

  /// The setting that names the text's column again: rows would tell their label, or be pairs of the same text.
  var again: String? { [pair, label].firstIndex(of: text).map { vocabulary.column($0 + 1) } }

  /// The named columns: text, pair, label, id.
  var names: [String?] { [text, pair, label, id] }
}

/// The words in which a user said how a table is read.
public enum ColumnVocabulary: Sendable, Hashable {
  /// Keys of a recipe.
  case recipe
  /// Options of a command.
  case options
  /// Another key of a recipe, for the one column that it names.
  case key(String)

  /// The setting for the column at this place of `ColumnMapping.names`.
  func column(_ index: Int) -> String {
    let role = ["text", "pair", "label", "id"][index]
    return switch self {
    case .recipe: "data.columns.\(role)"
    case .options: "--\(role)"
    case .key(let key): key
    }
  }

  /// A setting of a table that is no column, with a value: `data.quotes: none`, or `--quotes none`.
  func setting(_ key: String, _ value: String? = nil) -> String {
    self == .options
      ? "--\(key)" + (value.map { " \($0)" } ?? "") : "data.\(key)" + (value.map { ": \($0)" } ?? "")
  }
}
