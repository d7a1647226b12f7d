import Support
import Text

/// One row of a reference file: what goes into a tokenizer, and what comes out.
struct TokenizerRow {
  let text: String
  let pair: String?
  let maximumLength: Int
  let options: TokenizerOptions
  let ids: [Int32]
  let typeIDs: [Int32]

  /// Reads all rows of a JSON lines file.
  static func rows(of file: String) throws -> [TokenizerRow] {
    try FileReader.bytes(of: file).split(separator: 0x0A).map { TokenizerRow(try JSONParser.parse(Array($0))) }
  }

  private init(_ value: JSONValue) {
    func integers(_ key: String) -> [Int32] {
      guard case .array(let elements)? = value[key] else { return [] }
      return elements.map { if case .integer(let number) = $0 { Int32(number) } else { -1 } }
    }
    if case .string(let text)? = value["text"] { self.text = text } else { text = "" }
    if case .string(let pair)? = value["pair"] { self.pair = pair } else { pair = nil }
    if case .integer(let length)? = value["max_length"] { maximumLength = length } else { maximumLength = 3 }
    options = TokenizerOptions(
      lowercase: value["lowercase"]?.boolean ?? true, stripAccents: value["strip_accents"]?.boolean,
      tokenizeChineseCharacters: value["chinese"]?.boolean ?? true)
    // Where the Rust library differs from the older tokenizer in Python, it is right.
    let prefix = value["fast_input_ids"] == nil ? "" : "fast_"
    (ids, typeIDs) = (integers(prefix + "input_ids"), integers(prefix + "token_type_ids"))
  }
}
