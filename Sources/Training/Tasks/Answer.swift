import Support

/// What is predicted of a row.
public struct Answer: Sendable {
  /// In a word: the class, or the labels; nil where the answer is numbers.
  public var label: String?
  /// The members of a JSON line, behind the id.
  public var fields: [(name: String, value: JSONLine)]
  /// The cells of a table, behind the id.
  public var cells: [String]
  /// Members of a JSON line that are long, and written where they are asked for.
  public var details: [(name: String, value: JSONLine)] = []

  public init(label: String? = nil, fields: [(name: String, value: JSONLine)], cells: [String]) {
    (self.label, self.fields, self.cells) = (label, fields, cells)
  }

  /// One of some classes, and the probability of each.
  public init(class label: String, probabilities: [Double], of classes: [String]) {
    self.init(one: label, probabilities, of: classes, under: "classes")
  }

  /// One of some names, which a JSON line has under a key, and the probability of each.
  init(one label: String, _ probabilities: [Double], of names: [String], under key: String) {
    self.init(
      label: label,
      fields: [
        ("label", .string(label)), ("probabilities", .array(probabilities.map(JSONLine.number))),
        (key, .array(names.map(JSONLine.string))),
      ], cells: [label] + probabilities.map { "\($0)" })
  }
}
