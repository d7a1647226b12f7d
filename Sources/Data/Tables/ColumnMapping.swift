/// Which columns of a table (or keys of its JSON lines) hold what.
public struct ColumnMapping: Sendable, Hashable {
  public var text: String
  /// The second text of a pair.
  public var pair: String?
  /// Nil if the rows have no labels.
  public var label: String?
  /// A whole number that names each row; without it rows are numbered from 0.
  public var id: String?

  public init(text: String, pair: String? = nil, label: String? = "label", id: String? = nil) {
    self.text = text
    self.pair = pair
    self.label = label
    self.id = id
  }

  /// The named columns: text, pair, label, id.
  var names: [String?] { [text, pair, label, id] }
}
