import Foundation
import Lockstep
import Recipes

/// What is wrong with a command line that the parser refused, and what to write instead.
struct CommandLineAdvice {
  /// What was typed after `lockstep`.
  private let words: [String]
  private let root: CommandGrammar.Node

  init(_ words: [String], grammar root: CommandGrammar.Node) {
    self.words = words
    self.root = root
  }

  /// What is wrong with `lockstep help WORD`, for which the parser shows the help of all.
  var unknownHelpWord: String? { words.first == "help" ? unknownHelp(words.dropFirst(), below: root) : nil }

  /// One line: the advice, or else what the parser or a command itself said.
  func text(insteadOf message: String) -> String {
    text ?? Self.refusedValue(message, root) ?? message.split(separator: "\n").joined(separator: " ")
  }

  /// One line, or nil where nothing is wrong that this type knows about.
  var text: String? {
    var (node, path, rest) = (root, root.commandName, words[...])
    while !node.children.isEmpty {
      guard let word = rest.popFirst() else { return nil }
      if word == "help" { return unknownHelp(rest, below: node) }
      guard let child = node.children.first(where: { $0.commandName == word }) else {
        return unknown(word, below: node, path, rest)
      }
      node = child
      path += " " + word
    }
    return CommandWords(node, path: path, siblings: root.children).complaint(about: rest)
  }

  /// The parser's "The value 'x' is invalid for '--name <name>'", which gives a reason only where the value's type does.
  private static func refusedValue(_ message: String, _ root: CommandGrammar.Node) -> String? {
    let form = /The value '(?<value>.*)' is invalid for '(?<name>\S+)( <.*>)?'(: (?<reason>.*))?/
    guard let match = message.firstMatch(of: form) else { return nil }
    let (name, value) = (String(match.name), String(match.value))
    if let reason = match.reason { return "\(name): \(reason)" }
    guard Int(value) == nil else { return "\(name) \(value) is out of range; give another number" }
    return "\(name) \(value) is not a \(value.contains(".") ? "whole number" : "number"); write such as \(name) 1"
  }

  private func unknownHelp(_ rest: ArraySlice<String>, below node: CommandGrammar.Node) -> String? {
    guard let word = rest.first, !node.children.contains(where: { $0.commandName == word }) else { return nil }
    return unknown(word, below: node, node.commandName, [])
  }

  private func unknown(
    _ word: String, below node: CommandGrammar.Node, _ path: String, _ rest: ArraySlice<String>
  ) -> String {
    if word.hasPrefix("-") {
      let more = node.option(word) == nil ? "unknown option \(word)" : "\(word) stands alone"
      return "\(more); write \(path) COMMAND first, \(path) --help lists the commands"
    }
    if word.hasSuffix(".yaml") || word.hasSuffix(".yml"), path == root.commandName {
      return "\(word) is a recipe, not a command; write \(path) train \(([word] + rest).joined(separator: " "))"
    }
    let names = node.children.map(\.commandName)
    // Such as `lockstep export output/run`.
    if let owner = node.children.first(where: { $0.children.contains { $0.commandName == word } }) {
      return "unknown command \"\(word)\"; write \(path) \(owner.commandName) \(word)"
    }
    if let nearest = nearest(word, among: names) {
      return "unknown command \"\(word)\"; did you mean \(path) \(nearest)?"
    }
    return "unknown command \"\(word)\"; give one of \(names.joined(separator: ", "))"
  }
}

/// The candidate that a word was probably meant to be: one that begins with it or that it begins with, or else another by a few letters.
func nearest(_ word: String, among candidates: [String]) -> String? {
  let letters = word.drop { $0 == "-" }.count
  let related = candidates.filter { candidate in
    let (short, long) = word.count < candidate.count ? (word, candidate) : (candidate, word)
    return short.drop { $0 == "-" }.count > 2 && long.hasPrefix(short)
  }
  if let longest = related.max(by: { $0.count < $1.count }) { return longest }
  let ranked = candidates.map { ($0, editDistance(word, $0)) }.min { $0.1 < $1.1 }
  return ranked.flatMap { $0.1 <= max(1, min(3, letters / 2)) ? $0.0 : nil }
}
