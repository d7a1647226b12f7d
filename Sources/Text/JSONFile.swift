import Support

/// A JSON file of a model's folder, whose keys are named in errors.
struct JSONFile {
  let file: String
  /// Nil where the file is missing.
  let root: JSONValue?

  /// - Parameter isNeeded: whether a missing file is an error.
  init(_ file: String, isNeeded: Bool = false) throws {
    self.file = file
    guard isNeeded || FileReader.exists(file) else {
      root = nil
      return
    }
    let content = try FileReader.bytes(of: file)
    do { root = try JSONParser.parse(content) } catch {
      throw VocabularyError.malformed(file: file, reason: "not JSON (\(error))")
    }
    guard root?.members != nil else {
      throw VocabularyError.malformed(file: file, reason: "not a JSON object")
    }
  }

  /// A file that is not there.
  init(none file: String) {
    self.file = file
    root = nil
  }

  subscript(key: String) -> JSONValue? { root?[key] }

  /// A truth value; nil where the key is missing.
  func boolean(_ key: String, or null: Bool? = nil) throws -> Bool? {
    guard let value = root?[key] else { return nil }
    if value.isNull, let null { return null }
    guard let boolean = value.boolean else { throw wrong(key, value, "give true or false") }
    return boolean
  }

  /// Refuses a key whose value is not one of those that change nothing; null is one of them.
  func refuse(_ key: String, unless isHarmless: (JSONValue) -> Bool) throws {
    guard let value = root?[key], !value.isNull, !isHarmless(value) else { return }
    throw wrong(key, value, "use a model without it")
  }

  func wrong(_ key: String, _ value: JSONValue, _ remedy: String) -> VocabularyError {
    .unsupported(file: file, problem: "\(key) is \(value.phrase), which is not computed here", remedy: remedy)
  }
}
