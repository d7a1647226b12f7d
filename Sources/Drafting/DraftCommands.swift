import Data

extension RecipeDraft {
  /// The commands that use the recipe and its model, in their order, with the columns as the recipe names them.
  ///
  /// - Parameters:
  ///   - recipe: its file.
  ///   - run: the name of the run's folder.
  func commands(recipe: String, run: String) -> [String] {
    let output = "output/\(run)"
    let training = [
      "lockstep recipe check \(ShellWord.quoted(recipe))",
      "lockstep train \(ShellWord.quoted(recipe)) --output \(ShellWord.quoted(output))",
    ]
    let names = (roles.labels + roles.options).map(\.name)
    // Options of commands separate columns by commas.
    guard names.count == 1 || !names.contains(where: { $0.contains(",") }) else { return training }
    let model = ShellWord.quoted("\(output)/models/best")
    // A pattern in quotes is one word; of several files each is looked at by itself.
    let rows = ShellWord.quoted((validation ?? train).files.names[0])
    let label = Self.list(roles.labels)
    let judged = label == "label" || train.areQuestions ? "" : " --label \(ShellWord.quoted(label))"
    return training + [
      "lockstep evaluate \(model) \(rows)\(tableOptions)\(judged)",
      "lockstep predict \(model) --input \(rows)\(tableOptions) --output predictions.csv",
    ]
  }

  private static func list(_ columns: [ColumnFacts]) -> String { columns.map(\.name).joined(separator: ",") }

  /// The options of a command that reads the table as the recipe does.
  private var tableOptions: String {
    var words: [String] = []
    func add(_ option: String, _ value: String) { words += [option, ShellWord.quoted(value)] }
    // Questions have their own columns.
    if !train.areQuestions {
      if roles.text.name != "sentence" { add("--text", roles.text.name) }
      if let pair = roles.pair { add("--pair", pair.name) }
    }
    if !roles.options.isEmpty { add("--options", Self.list(roles.options)) }
    if let id = roles.id { add("--id", id.name) }
    if !train.options.hasHeader { words.append("--no-header") }
    if train.options.encoding != .utf8 { add("--encoding", train.options.encoding.rawValue) }
    if quotes != .auto { add("--quotes", quotes.rawValue) }
    return words.map { " \($0)" }.joined()
  }
}

/// A word of a command line.
enum ShellWord {
  /// In single quotes where a shell would read something else.
  static func quoted(_ text: String) -> String {
    let isPlain =
      !text.isEmpty
      && text.utf8.allSatisfy { byte in
        0x30...0x39 ~= byte || 0x41...0x5A ~= byte || 0x61...0x7A ~= byte || "_./-+:@".utf8.contains(byte)
      }
    return isPlain && !text.hasPrefix("-")
      ? text : "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
