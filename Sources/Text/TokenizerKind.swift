import Support

/// A kind of tokenizer, and how its files are found.
struct TokenizerKind: Sendable {
  /// `model.type` of its tokenizer.json.
  let modelType: String
  /// Files that hold it where there is no tokenizer.json.
  let files: [String]
  /// How a file that stands alone and holds it is named.
  var endings: [String] = []
  /// Whether the model of a tokenizer.json that names no type is this one.
  var isModel: @Sendable (JSONValue) -> Bool = { _ in false }
  let read: @Sendable (TokenizerFolder) throws -> any Tokenizer
}
