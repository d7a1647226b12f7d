/// Lines of a shell as documentation has them: prompts, continued lines, comments.
enum ShellText {
  /// The commands of a text's lines, each in one line, without prompt and comment.
  static func commands(in lines: some Sequence<Substring>) -> [String] {
    var (commands, open): ([String], String?) = ([], nil)
    for line in lines {
      var text = line.trimmed
      if text.hasPrefix("$ ") { text = String(text.dropFirst(2)) }
      if let begun = open { text = begun + " " + text }
      open = text.hasSuffix("\\") ? String(text.dropLast()).trimmed : nil
      guard open == nil else { continue }
      let command = withoutComment(text).trimmed
      if !command.isEmpty { commands.append(command) }
    }
    return commands
  }

  /// The words after each `lockstep` of a command, up to a redirection or the next command.
  static func lockstepCalls(in command: String) -> [[String]] {
    let words = words(of: command)
    let ends: Set = ["<", ">", "|", "&&", ";", "2>"]
    return words.indices.filter { isProgram(words[$0]) }.map { index in
      Array(words[(index + 1)...].prefix { !ends.contains($0) })
    }
  }

  private static func isProgram(_ word: String) -> Bool {
    word == "$lockstep" || word == "lockstep" || word.hasPrefix(".build/") && word.hasSuffix("/lockstep")
  }

  /// Words as the shell divides them, quotes taken off.
  private static func words(of command: String) -> [String] {
    var (words, word, quote): ([String], String?, Character?) = ([], nil, nil)
    for character in command {
      switch character {
      case _ where character == quote: quote = nil
      case "\"" where quote == nil, "'" where quote == nil: (quote, word) = (character, word ?? "")
      case " " where quote == nil:
        if let ended = word { words.append(ended) }
        word = nil
      default: word = (word ?? "") + String(character)
      }
    }
    return words + (word.map { [$0] } ?? [])
  }

  private static func withoutComment(_ line: String) -> String {
    var quote: Character?
    var previous: Character = " "
    for (offset, character) in line.enumerated() {
      if quote == nil, character == "#", previous == " " { return String(line.prefix(offset)) }
      if character == quote { quote = nil } else if quote == nil, "\"'".contains(character) { quote = character }
      previous = character
    }
    return line
  }
}

extension StringProtocol {
  var trimmed: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}
