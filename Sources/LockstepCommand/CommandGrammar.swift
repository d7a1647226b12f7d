import ArgumentParser
import Foundation

/// What the command line accepts, as the parser itself describes it.
struct CommandGrammar: Decodable {
  /// One command and what follows it.
  struct Node: Decodable {
    let commandName: String
    var discussion: String?
    var arguments: [Argument]?
    var subcommands: [Node]?

    /// The commands below, without `help`.
    var children: [Node] { (subcommands ?? []).filter { $0.commandName != "help" } }
    var positionals: [Argument] {
      (arguments ?? []).filter { $0.kind == "positional" && $0.parsingStrategy != "postTerminator" }
    }
    /// Whether the command takes another one after `--`.
    var takesCommand: Bool { (arguments ?? []).contains { $0.parsingStrategy == "postTerminator" } }
    /// Such as `--output`.
    var optionNames: [String] { (arguments ?? []).filter { $0.shouldDisplay }.flatMap(\.spellings) }
    /// The first example of the help.
    var example: String? {
      (discussion ?? "").split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        .first { $0.hasPrefix("lockstep ") && !$0.hasSuffix("\\") }
    }

    func option(_ spelling: String) -> Argument? { arguments?.first { $0.spellings.contains(spelling) } }
  }

  /// An option, a flag or a word without a name.
  struct Argument: Decodable {
    struct Name: Decodable {
      let kind: String
      let name: String
    }

    let kind: String
    var names: [Name]?
    var valueName: String?
    var allValues: [String]?
    var abstract: String?
    let isOptional: Bool
    let isRepeating: Bool
    let shouldDisplay: Bool
    let parsingStrategy: String

    var spellings: [String] { (names ?? []).map { ($0.kind == "long" ? "--" : "-") + $0.name } }
    var isOption: Bool { kind == "option" }
  }

  let command: Node
}
