import Testing

extension TaskRunTests {
  /// Rows of a form, the recipe's keys for them, and how the commands name their columns.
  struct Form: Sendable, CustomTestStringConvertible {
    let name: String
    let columns: String
    let task: String
    let options: [String]
    /// The row of a number, as an object.
    let row: @Sendable (Int) -> String
    /// Of the first predicted line.
    let answer: String
    var testDescription: String { name }

    /// The options that name what a prediction reads.
    var readOptions: [String] {
      stride(from: 0, to: options.count, by: 2).filter { !["--label", "--negative"].contains(options[$0]) }
        .flatMap { options[$0..<$0 + 2] }
    }
  }

  fileprivate static func text(_ row: Int) -> String {
    ["a fine film", "a dull plot", "good fun", "bad jokes and worse"][row % 4]
  }

  static let forms = [
    Form(
      name: "a value", columns: "{text: t, label: score}", task: "{}", options: ["--text", "t", "--label", "score"],
      row: { "{\"t\": \"\(text($0))\", \"score\": \(Double($0 % 7) * 10.5)}" }, answer: "\"value\": "),
    Form(
      name: "two values, some missing", columns: "{text: t, label: [a, b]}",
      task: "{kind: regression, loss: huber, delta: 0.5}",
      options: ["--text", "t", "--label", "a,b"],
      row: { "{\"t\": \"\(text($0))\", \"a\": \($0 % 3 == 0 ? "null" : "\($0 % 5)"), \"b\": \(100 + $0 % 4)}" },
      answer: "\"values\": {\"a\": "),
    Form(
      name: "a value from 0 to 1", columns: "{text: t, label: a}", task: "{loss: bce}",
      options: ["--text", "t", "--label", "a"],
      row: { "{\"t\": \"\(text($0))\", \"a\": \(Double($0 % 5) / 4)}" }, answer: "\"value\": 0."),
    Form(
      name: "lists of labels", columns: "{text: t, label: l}", task: "{pos_weight: balanced, threshold: 0.4}",
      options: ["--text", "t", "--label", "l"],
      row: { "{\"t\": \"\(text($0))\", \"l\": \([["x"], ["x", "y, z"], ["w"]][$0 % 3])}" }, answer: "\"labels\": ["),
    Form(
      name: "a column a label", columns: "{text: t, label: [p, q]}", task: "{asymmetric: {}}",
      options: ["--text", "t", "--label", "p,q"],
      row: { "{\"t\": \"\(text($0))\", \"p\": \($0 % 2), \"q\": \($0 % 3 == 0 ? 1 : 0)}" },
      answer: "\"classes\": [\"p\", \"q\"]"),
    choices("options of unequal number", labels: ["A", "B"]),
    pairs("cosines", "{kind: similarity}"),
    pairs("an order of cosines", "{kind: similarity, loss: cosent}"),
    pairs("the nearest of a batch", "{kind: similarity, loss: infonce, symmetric: true}"),
    Form(
      name: "the nearest of a batch and its negatives", columns: "{text: t, pair: p, negative: [m, n], label: score}",
      task: "{kind: similarity, loss: infonce}",
      options: ["--text", "t", "--pair", "p", "--negative", "m,n", "--label", "score"],
      row: {
        "{\"t\": \"\(text($0))\", \"p\": \"\(text($0 / 3)) \($0)\", \"score\": \($0 % 5), \"m\": \"\(text($0 + 1))\""
          + ($0 % 2 == 0 ? ", \"n\": \"\($0 % 3 == 0 ? "" : text($0 / 2))\"}" : "}")
      },
      answer: "\"similarity\": "),
    Form(
      name: "words with tags", columns: "{text: tokens, label: tags}", task: "{kind: token-classification}",
      options: ["--text", "tokens", "--label", "tags"],
      row: { row in
        let words = text(row).split(separator: " ").map(String.init)
        return
          "{\"tokens\": \(words), \"tags\": \(words.map { $0.count > 3 ? "B-long" : row % 5 == 0 ? "I-long" : "O" })}"
      }, answer: "\"entities\": ["),
    Form(
      name: "spans of a text", columns: "{text: t, label: spans}", task: "{kind: token-classification, scheme: bioes}",
      options: ["--text", "t", "--label", "spans"],
      row: { row in
        "{\"t\": \"\(text(row))\", \"spans\": [{\"start\": 0, \"end\": 4, \"label\": \"x\"}\(row % 2 == 0 ? ", [5, 7, \"y\"]" : "")]}"
      }, answer: "\"tags\": ["),
    choices("options of which a text is the right one", labels: ["yes", "no"]),
    Form(
      name: "words whose tags are a chain", columns: "{text: tokens, label: tags}",
      task: "{kind: token-classification, crf: true}", options: ["--text", "tokens", "--label", "tags"],
      row: { row in
        let words = text(row).split(separator: " ").map(String.init)
        return
          "{\"tokens\": \(words), \"tags\": \(words.map { $0.count > 3 ? "B-long" : row % 5 == 0 ? "I-long" : "O" })}"
      }, answer: "\"entities\": ["),
    Form(
      name: "all tokens of words with tags", columns: "{text: tokens, label: tags}",
      task: "{kind: token-classification, label_all_pieces: true}", options: ["--text", "tokens", "--label", "tags"],
      row: { row in
        let words = text(row).split(separator: " ").map(String.init) + ["unaffable\(row)"]
        return "{\"tokens\": \(words), \"tags\": \(words.map { $0.count > 3 ? "B-long" : "O" })}"
      }, answer: "\"entities\": ["),
    Form(
      name: "answers in a context", columns: "{text: q, pair: c, label: a}", task: "{kind: span-answer}",
      options: ["--text", "q", "--pair", "c", "--label", "a"],
      row: { row in
        let context = "\(text(row)) and \(text(row + 1)) and \(text(row + 2))"
        let answer = row % 4 == 1 ? "" : "{\"text\": \"\(text(row))\", \"answer_start\": 0}"
        return "{\"q\": \"what?\", \"c\": \"\(context)\", \"a\": [\(answer)]}"
      }, answer: "\"n_best\": [{"),
  ]

  /// Options of unequal number, of which one of the first two is right.
  private static func choices(_ name: String, labels: [String]) -> Form {
    Form(
      name: name, columns: "{text: t, options: o, label: l}", task: "{}",
      options: ["--text", "t", "--options", "o", "--label", "l"],
      row: {
        let options = ["yes", "no", "perhaps", "never"].prefix(2 + $0 % 3)
        return "{\"t\": \"\(text($0))\", \"o\": \(options), \"l\": \"\(labels[$0 % 2])\"}"
      },
      answer: "\"label\": \"")
  }

  /// Pairs with a score from 0 to 5.
  fileprivate static func pairs(_ name: String, _ task: String) -> Form {
    Form(
      name: name, columns: "{text: t, pair: p, label: score}", task: task,
      options: ["--text", "t", "--pair", "p", "--label", "score"],
      row: { "{\"t\": \"\(text($0))\", \"p\": \"\(text($0 / 3)) \($0)\", \"score\": \(Double($0 % 11) / 2)}" },
      answer: "\"similarity\": ")
  }
}
