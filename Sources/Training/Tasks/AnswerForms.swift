import Data
import Scores
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

  /// The columns of the cells of words with tags.
  public static let wordColumns = ["tags", "entities"]

  /// The entities of a text with their places in it, in Unicode scalars, and the tag of each word; `O` where it is not read.
  ///
  /// - Parameters:
  ///   - tags: of each word that is read.
  ///   - probabilities: of each word that is read, a number a name.
  public init(tags: [String], on words: RowWords, probabilities: [Double], of names: [String]) {
    var (read, numbers) = (tags[...], probabilities[...])
    let all = words.areRead.map { $0 ? read.popFirst() ?? "O" : "O" }
    let entities = EntityTags.entities(all).map { entity in
      let place =
        words.places[entity.words.lowerBound].lowerBound..<words.places[entity.words.upperBound - 1].upperBound
      return JSONLine.object([
        ("type", .string(entity.type)), ("start", .integer(place.lowerBound)), ("end", .integer(place.upperBound)),
        ("text", .string(words.text(place))),
      ])
    }
    self.init(
      fields: [("entities", .array(entities)), ("tags", .array(all.map(JSONLine.string)))],
      cells: [all.joined(separator: " "), JSONLine.array(entities).description])
    details = [
      ("text", .string(words.text)),
      ("places", .array(words.places.map { .array([.integer($0.lowerBound), .integer($0.upperBound)]) })),
      (
        "probabilities",
        .array(
          words.areRead.map { isRead in
            guard isRead else { return .null }
            defer { numbers = numbers.dropFirst(names.count) }
            return .array(numbers.prefix(names.count).map(JSONLine.number))
          })
      ), ("classes", .array(names.map(JSONLine.string))),
    ]
  }
}
