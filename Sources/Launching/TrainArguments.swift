/// The arguments of `lockstep train` that a supervised run is started with.
public struct TrainArguments: Equatable, Sendable {
  /// As the user wrote them, `train` first.
  public let words: [String]
  /// The folder of the run.
  public let output: String

  /// Throws `LaunchError` unless `words` is a `train` command.
  public init(_ words: [String]) throws(LaunchError) {
    guard words.first == "train", words.count > 1 else {
      throw LaunchError(
        words.isEmpty ? "there is nothing to launch" : "\(words[0]) cannot be launched",
        advice: "end the command with: -- train RECIPE …")
    }
    self.words = words
    output = Self.value(of: "--output", in: words) ?? "output"
    guard !output.isEmpty else { throw LaunchError("--output is empty", advice: "name a folder") }
  }

  /// The words of a start that continues from the newest checkpoint of the output folder.
  public var resuming: [String] { setting("--resume", to: "auto") }

  /// Whether the user chose an option himself.
  public func has(_ option: String) -> Bool { Self.value(of: option, in: words) != nil }

  /// The words with another value of an option, which is added where it is missing.
  public func setting(_ option: String, to value: String) -> [String] {
    var result: [String] = []
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == option {
        _ = rest.popFirst()
      } else if !word.hasPrefix(option + "=") {
        result.append(word)
      }
    }
    return result + [option, value]
  }

  private static func value(of option: String, in words: [String]) -> String? {
    var found: String?
    for (index, word) in words.enumerated() {
      if word == option, index + 1 < words.count { found = words[index + 1] }
      if word.hasPrefix(option + "=") { found = String(word.dropFirst(option.count + 1)) }
    }
    return found
  }
}
