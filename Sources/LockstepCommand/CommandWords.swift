import Lockstep

/// The words that follow the name of a command.
struct CommandWords {
  private let node: CommandGrammar.Node
  private let path: String
  private let siblings: [CommandGrammar.Node]

  init(_ node: CommandGrammar.Node, path: String, siblings: [CommandGrammar.Node]) {
    self.node = node
    self.path = path
    self.siblings = siblings
  }

  /// The command without the name of the program, which stands before every complaint.
  private var title: String { path.split(separator: " ").dropFirst().joined(separator: " ") }

  /// What is wrong with them, in one line; nil where nothing is that this type knows about.
  func complaint(about words: ArraySlice<String>) -> String? {
    var (rest, values, given) = (words, [String](), Set<String>())
    while let word = rest.popFirst() {
      if word == "--" {
        if !node.takesCommand { values += rest }
        break
      }
      guard word.hasPrefix("-"), word.count > 1 else {
        values.append(word)
        continue
      }
      let (name, value) = Self.parts(of: word)
      guard let option = node.option(name) else { return unknown(name, value ?? Self.value(rest)) }
      given.formUnion(option.spellings)
      if !option.isOption, value != nil { return "\(name) takes no value; write \(name) alone" }
      guard option.isOption, value == nil else { continue }
      guard let value = Self.value(rest) else {
        return "\(name) has no value; write \(name) \((option.valueName ?? "value").uppercased())"
      }
      // The parser takes -1 for an option.
      if value.hasPrefix("-"), Double(value) != nil {
        return "\(name) \(value) is below 0; give a number from 0 on"
      }
      if let wrong = Self.complaint(about: value, of: option, name) { return wrong }
      rest.removeFirst()
      if option.parsingStrategy == "upToNextOption" { rest = rest.drop { !$0.hasPrefix("-") } }
    }
    return missingCommand(words, values) ?? missing(values, given) ?? unexpected(values)
  }

  /// `--name=value` in two.
  private static func parts(of word: String) -> (name: String, value: String?) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    return (parts[0], parts.count > 1 ? parts[1] : nil)
  }

  private static func value(_ rest: ArraySlice<String>) -> String? {
    rest.first.flatMap { $0.hasPrefix("-") && $0.count > 1 && Double($0) == nil ? nil : $0 }
  }

  private static func complaint(about value: String, of option: CommandGrammar.Argument, _ name: String) -> String? {
    guard let known = option.allValues, !known.isEmpty, !known.contains(value) else { return nil }
    return "\(name) \(value) is not one of \(known.joined(separator: ", ")); give one of them"
  }

  private func unknown(_ name: String, _ value: String?) -> String {
    let problem = "\(title) has no option \(name)"
    if node.takesCommand {
      let isOfTrain = siblings.first { $0.commandName == "train" }?.option(name) != nil
      let setting = RecipeSetting(option: name, value: value)?.words
      if let words = isOfTrain ? "\(name) \(value ?? "…")" : setting {
        return "\(problem); it belongs to train, so write it at the end: -- train RECIPE \(words)"
      }
    }
    if node.option("--set") != nil, let setting = RecipeSetting(option: name, value: value) {
      return "\(problem); \(setting.key) is a key of the recipe, so write \(setting.words)"
    }
    if let nearest = nearest(name, among: node.optionNames) { return "\(problem); did you mean \(nearest)?" }
    return "\(problem); \(path) --help lists those it has"
  }

  /// `launch --ranks 2 train recipe.yaml`, without the dashes.
  private func missingCommand(_ words: ArraySlice<String>, _ values: [String]) -> String? {
    guard node.takesCommand, !words.contains("--") else { return nil }
    guard let first = values.first, let index = words.firstIndex(of: first) else {
      return "\(title) needs the command of its ranks at the end, such as: -- train recipe.yaml"
    }
    let command = (["train"] + words[index...].drop { $0 == "train" }).joined(separator: " ")
    let before = words[..<index].map { $0 + " " }.joined()
    return "\(title) needs -- before the command of its ranks; write \(path) \(before)-- \(command)"
  }

  private func missing(_ values: [String], _ given: Set<String>) -> String? {
    let wanted = node.positionals.filter { !$0.isOptional }
    guard values.count < wanted.count else {
      let needed = (node.arguments ?? []).first {
        $0.isOption && !$0.isOptional && given.isDisjoint(with: $0.spellings)
      }
      guard let needed, let name = needed.spellings.first else { return nil }
      return "\(title) needs \(name)" + such
    }
    let names = wanted[values.count...].map { "<\($0.valueName ?? "value")>" }.joined(separator: " and ")
    return "\(title) needs \(names)" + such
  }

  private var such: String { node.example.map { "; write such as: \($0)" } ?? "; \(path) --help says more" }

  private func unexpected(_ values: [String]) -> String? {
    guard !node.positionals.contains(where: \.isRepeating), values.count > node.positionals.count else { return nil }
    let extra = values[node.positionals.count]
    if node.option("--set") != nil, extra.contains("="), !extra.hasPrefix("=") {
      return "\(title) does not take the word \(extra); to change a key of the recipe write --set \(extra)"
    }
    return "\(title) does not take the word \(extra); leave it out, \(path) --help shows what it takes"
  }
}
