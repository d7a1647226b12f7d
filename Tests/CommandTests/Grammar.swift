import Foundation

/// What the program's command line accepts, as the program itself tells it.
struct Grammar {
  /// One command and what follows it.
  struct Node: Decodable {
    var commandName: String
    var discussion: String?
    var arguments: [Argument]?
    var subcommands: [Node]?

    /// `launch` takes a command of its own after `--`.
    var takesCommand: Bool { arguments?.contains { $0.parsingStrategy == "postTerminator" } ?? false }
  }

  struct Argument: Decodable {
    struct Name: Decodable { var kind: String, name: String }
    var kind: String
    var names: [Name]?
    var isOptional: Bool
    var isRepeating: Bool
    var parsingStrategy: String
  }

  private struct Document: Decodable { var command: Node }

  let root: Node

  init() throws {
    let outcome = try Shell.run(Command.program, ["--experimental-dump-help"])
    root = try JSONDecoder().decode(Document.self, from: Data(outcome.output.utf8)).command
  }

  /// Every command that does something, by its path.
  var leaves: [(path: String, node: Node)] { Self.leaves(below: root, path: root.commandName) }

  /// Every command, by its path.
  var nodes: [(path: String, node: Node)] { Self.nodes(below: root, path: root.commandName) }

  private static func nodes(below node: Node, path: String) -> [(path: String, node: Node)] {
    [(path, node)]
      + (node.subcommands ?? []).filter { $0.commandName != "help" }.flatMap {
        nodes(below: $0, path: path + " " + $0.commandName)
      }
  }

  private static func leaves(below node: Node, path: String) -> [(path: String, node: Node)] {
    nodes(below: node, path: path).filter { ($0.node.subcommands ?? []).isEmpty }
  }

  /// What is wrong with the words after `lockstep`, or nil.
  func complaint(about words: [String]) -> String? {
    var (node, rest) = (root, words[...])
    if rest.first?.hasPrefix("--") == true { return nil }
    while let children = node.subcommands, !children.isEmpty {
      guard let word = rest.popFirst() else { return "\(node.commandName) needs a subcommand" }
      guard let child = children.first(where: { $0.commandName == word }) else {
        return "\(node.commandName) has no subcommand \(word)"
      }
      node = child
    }
    return complaint(about: rest, of: node)
  }

  private func complaint(about words: ArraySlice<String>, of node: Node) -> String? {
    let arguments = node.arguments ?? []
    var (rest, values) = (words, 0)
    while let word = rest.popFirst() {
      if word == "--" {
        guard node.takesCommand else { return "\(node.commandName) takes nothing after --" }
        return complaint(about: Array(rest))
      }
      guard word.hasPrefix("--") else {
        values += 1
        continue
      }
      let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1).map(String.init)
      guard let argument = arguments.first(where: { $0.names?.contains { $0.name == parts[0] } ?? false }) else {
        return "\(node.commandName) has no option \(word)"
      }
      guard argument.kind == "option", parts.count == 1 else { continue }
      guard rest.popFirst() != nil else { return "\(node.commandName) \(word) needs a value" }
      if argument.parsingStrategy == "upToNextOption" { rest = rest.drop { !$0.hasPrefix("--") } }
    }
    let positional = arguments.filter { $0.kind == "positional" && $0.parsingStrategy != "postTerminator" }
    let least = positional.filter { !$0.isOptional }.count
    if values < least { return "\(node.commandName) needs \(least) values, not \(values)" }
    if values > positional.count, !positional.contains(where: \.isRepeating) {
      return "\(node.commandName) takes \(positional.count) values, not \(values)"
    }
    return nil
  }
}
