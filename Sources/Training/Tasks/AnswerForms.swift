import Support

/// The forms of answers besides one class of several, for tasks and for what puts answers of several models together.
extension Answer {
  /// Any number of labels, and the probability of each.
  ///
  /// - Parameters:
  ///   - thresholds: the probability of each label from which on it is given.
  ///   - joint: what stands between labels in a cell of a table.
  public init(labels names: [String], probabilities: [Double], thresholds: [Double], joint: String) {
    let given = names.indices.filter { probabilities[$0] >= thresholds[$0] }.map { names[$0] }
    var fields: [(name: String, value: JSONLine)] = [
      ("labels", .array(given.map(JSONLine.string))), ("probabilities", .array(probabilities.map(JSONLine.number))),
      ("classes", .array(names.map(JSONLine.string))),
    ]
    // A line without thresholds is of those that everybody expects.
    if thresholds.contains(where: { $0 != 0.5 }) {
      fields.append(("thresholds", .array(thresholds.map(JSONLine.number))))
    }
    self.init(fields: fields, cells: [given.joined(separator: joint)] + probabilities.map { "\($0)" })
  }

  /// One of a row's own options, and the probability of each.
  public init(option label: String, probabilities: [Double], of options: [String]) {
    self.init(one: label, probabilities, of: options, under: "options")
  }

  /// Values by their names: one under its own name, several as `values`.
  public init(values: [Double], named names: [String]) {
    let members = zip(names, values).map { ($0, JSONLine.number($1)) }
    self.init(
      fields: members.count == 1 ? [(members[0].0, members[0].1)] : [("values", .object(members))],
      cells: values.map { "\($0)" })
  }
}
