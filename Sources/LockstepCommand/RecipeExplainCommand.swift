import ArgumentParser
import Console
import Lockstep

struct RecipeExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Every key of a recipe: what it means, what it may hold, its default and why.",
    discussion: """
        lockstep recipe explain
        lockstep recipe explain batch.microbatch
        lockstep recipe explain techniques.fgm --json
      """)

  @Argument(help: "A key, such as batch.size, or a section; all keys by default.")
  var key: String?

  @Flag(help: "A JSON array of objects: key, type, default (null: none), otherwise (what then holds), meaning, why.")
  var json = false

  @Flag(help: "The table of the documentation's page.")
  var markdown = false

  func validate() throws {
    if markdown, json || key != nil { throw ValidationError("--markdown is the whole table: leave the rest out") }
  }

  func run() throws {
    try reportingFailure {
      let keys = try RecipeGuide.keys(under: key)
      if json {
        try StandardOutput.print("[\n" + keys.map(\.json.description).joined(separator: ",\n") + "\n]")
      } else if markdown {
        try StandardOutput.print(RecipeGuide.markdown, terminator: "")
      } else {
        try StandardOutput.print(keys.map(text).joined(separator: "\n"))
      }
    }
  }

  /// `batch.size: 32            whole number, at least 1`, and below it the meaning.
  private func text(_ key: RecipeKey) -> String {
    let value =
      switch key.fallback {
      case .value(let text): ": \(text)"
      case .otherwise(let text): "  (left out: \(text))"
      case .required: "  (must be given)"
      }
    let sentences = [key.meaning, key.reason].filter { !$0.isEmpty }.map { sentence($0, about: key) + "." }
    return Emphasis.output.strong(key.path) + "\(value)  [\(key.type)]\n    " + sentences.joined(separator: " ")
  }

  /// With a capital, but where the first word is a command, a value or a file, which are written as they are typed.
  private func sentence(_ text: String, about key: RecipeKey) -> String {
    let word = text.prefix { !" ,:;".contains($0) }
    let values = key.types.flatMap { if case .choice(let cases) = $0 { cases } else { [String]() } }
    let isTyped = word == "lockstep" || values.contains(String(word)) || !word.allSatisfy(\.isLetter)
    return isTyped ? text : text.prefix(1).uppercased() + text.dropFirst()
  }
}
