import Support

/// Why a vocabulary or a tokenizer's options cannot be used.
public enum VocabularyError: ClassifiedError, Equatable, CustomStringConvertible, Sendable {
  /// The directory has no tokenizer.json, and none of these files, which may stand in its place.
  case missing(directory: String, files: [String])
  /// The file has no token.
  case empty(file: String)
  /// A line (from 1) is not UTF-8.
  case invalidUTF8(file: String, line: Int)
  /// The file is not the JSON it should be.
  case malformed(file: String, reason: String)
  /// The file says what cannot be computed here.
  case unsupported(file: String, problem: String, remedy: String)
  /// These special tokens are not in the vocabulary.
  case missingSpecialTokens(file: String, tokens: [String])

  public var exitClass: ExitClass { .wrongInput }

  public var description: String {
    switch self {
    case .missing(let directory, let files):
      "\(directory): neither tokenizer.json nor \(files.joined(separator: ", ")) is there: "
        + "name a directory that holds a tokenizer"
    case .empty(let file):
      "\(file): no token in the file: give a vocabulary with one token per line"
    case .invalidUTF8(let file, let line):
      "\(file): line \(line) is not UTF-8: save the vocabulary as UTF-8"
    case .malformed(let file, let reason):
      "\(file): \(reason): give the file as the model's publisher wrote it"
    case .unsupported(let file, let problem, let remedy):
      String("\(file): \(problem); \(remedy)".map { $0.isNewline ? " " : $0 })
    case .missingSpecialTokens(let file, let tokens):
      "\(file): the vocabulary lacks \(tokens.joined(separator: ", ")): give the vocabulary of a BERT model"
    }
  }
}
