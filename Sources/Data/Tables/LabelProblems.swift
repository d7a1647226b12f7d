extension LabelProblem {
  static func fraction(_ entry: LabelCounts.Entry, vocabulary: ColumnVocabulary) -> LabelProblem {
    guard !entry.label.drop(while: { $0 == "-" || $0 == "+" }).utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else {
      return LabelProblem(
        line: entry.line, problem: "label \(quoted(entry.label)) has more digits than a class's number may have",
        remedy: "number the classes from 0, or name another column in \(vocabulary.column(.label))")
    }
    return LabelProblem(
      line: entry.line,
      problem: "label \(quoted(entry.label)) is not a whole number",
      remedy: "write classes as names or whole numbers, or set task.kind to regression")
  }

  static func missing(_ entry: LabelCounts.Entry) -> LabelProblem {
    LabelProblem(
      line: entry.line,
      problem: "label \(quoted(entry.label)) stands for a missing number (\(rows(entry.rows)))",
      remedy: "leave such rows out, or write the class")
  }

  static func single(_ entry: LabelCounts.Entry, vocabulary: ColumnVocabulary) -> LabelProblem {
    LabelProblem(
      problem: "every row has the label \(quoted(entry.label)), and training needs two classes or more",
      remedy: "add rows of another class, raise data.limit, or name another column in \(vocabulary.column(.label))")
  }

  static func tooMany(_ counts: LabelCounts, labels: Int) -> LabelProblem {
    guard let rarest = counts.rarest else { preconditionFailure("no labels at all") }
    let others = counts.entries.sorted { $0.rows > $1.rows }.filter { $0.label != rarest.label }
    let list = others.prefix(6).map { "\(quoted($0.label)) (\(rows($0.rows)))" }.joined(separator: ", ")
    return LabelProblem(
      line: rarest.line,
      problem: "label \(quoted(rarest.label)) (\(rows(rarest.rows))) is one of \(counts.entries.count) classes, with "
        + list + (others.count > 6 ? ", …" : "") + ", and model.labels is \(labels)",
      remedy: "correct the label, or set model.labels to \(counts.entries.count)")
  }

  /// - Parameter names: of the classes whose places are the labels, if they have any.
  static func outOfRange(_ label: String, line: Int, classes: Int, names: [String]?, _ words: ColumnVocabulary)
    -> LabelProblem
  {
    let places = names.map { "places 0 to \(classes - 1) of the classes \(list($0))" } ?? "classes 0 to \(classes - 1)"
    return LabelProblem(
      line: line, problem: "label \(quoted(label)) is not one of the \(places)", remedy: remedy(words))
  }

  static func unknown(_ label: String, line: Int, names: [String], _ words: ColumnVocabulary) -> LabelProblem {
    let near = nearest(to: label, among: names).map { ", the nearest is \(quoted($0))" } ?? ""
    return LabelProblem(
      line: line, problem: "label \(quoted(label)) is not one of the classes \(list(names))" + near,
      remedy: remedy(words))
  }

  /// For a label that no training row has.
  private static func remedy(_ words: ColumnVocabulary) -> String {
    words == .recipe
      ? "correct the label, leave the row out, or add training rows of its class"
      : "correct the label, or leave the row out"
  }

  private static func rows(_ count: Int) -> String { count == 1 ? "1 row" : "\(count) rows" }
}
