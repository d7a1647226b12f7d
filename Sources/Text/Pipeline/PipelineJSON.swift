import Support

/// Reads the parts of a tokenizer.json that stand around its model. Whatever is not computed here is refused by name.
struct PipelineJSON {
  let json: JSONFile

  init(_ json: JSONFile) { self.json = json }

  func pipeline() throws -> Pipeline {
    var pipeline = Pipeline()
    pipeline.steps = try steps(json["normalizer"], "normalizer")
    pipeline.preTokenizers = try preTokenizers(json["pre_tokenizer"], "pre_tokenizer")
    guard
      pipeline.preTokenizers.contains(where: { if case .byteLevel = $0 { true } else { false } })
        || json["model"]?["vocab"]?.elements != nil
    else {
      throw json.wrong("pre_tokenizer", json["pre_tokenizer"]?["type"] ?? .null, "use a model with ByteLevel")
    }
    for processor in processors where ["ByteLevel", "RobertaProcessing"].contains(processor["type"]?.string) {
      pipeline.trimsOffsets = processor["trim_offsets"]?.boolean ?? true
      pipeline.addsSpace = processor["add_prefix_space"]?.boolean ?? true
    }
    return pipeline
  }

  private var processors: [JSONValue] {
    guard let processor = json["post_processor"] else { return [] }
    return processor["type"]?.string == "Sequence" ? processor["processors"]?.elements ?? [] : [processor]
  }

  /// An option that is a truth value.
  private func flag(_ value: JSONValue, _ name: String, _ key: String, or usual: Bool) throws -> Bool {
    guard let flag = value[name], !flag.isNull else { return usual }
    guard let boolean = flag.boolean else { throw json.wrong("\(key).\(name)", flag, "give true or false") }
    return boolean
  }

  private func text(_ value: JSONValue, _ name: String, _ key: String) throws -> [UInt8] {
    guard let text = value[name]?.string else {
      throw json.wrong("\(key).\(name)", value[name] ?? .null, "give a text")
    }
    return Array(text.utf8)
  }
}

// MARK: - Normalizer

extension PipelineJSON {
  private func steps(_ value: JSONValue?, _ key: String) throws -> [TextStep] {
    guard let value, !value.isNull else { return [] }
    switch value["type"]?.string {
    case "Sequence":
      guard let parts = value["normalizers"]?.elements, parts.count <= 64 else {
        throw json.wrong("\(key).normalizers", value["normalizers"] ?? .null, "give a list")
      }
      return try parts.flatMap { try steps($0, key) }
    case "Strip":
      return [
        .strip(
          left: try flag(value, "strip_left", key, or: true), right: try flag(value, "strip_right", key, or: true))
      ]
    case "StripAccents": return [.stripAccents]
    case "Lowercase": return [.lowercase]
    case "Prepend": return [.prepend(try text(value, "prepend", key))]
    case "Precompiled":
      // A model without its own map has an empty one.
      let encoded = try text(value, "precompiled_charsmap", key)
      if encoded.isEmpty { return [] }
      guard let blob = Base64.decoded(encoded), let map = CharacterMap(blob) else {
        throw VocabularyError.malformed(
          file: json.file, reason: "\(key).precompiled_charsmap is not a character map of sentencepiece")
      }
      return [.map(map)]
    case "Replace": return [try replacement(value, key)]
    case let type:
      if let form = type.flatMap({ NormalizationForm(rawValue: $0) }) { return [.form(form)] }
      throw json.wrong("\(key).type", value["type"] ?? .null, "use a model with another normalizer")
    }
  }

  private func replacement(_ value: JSONValue, _ key: String) throws -> TextStep {
    let content = try text(value, "content", key)
    if let spelling = value["pattern"]?["String"]?.string, !spelling.isEmpty {
      return .replace(Array(spelling.utf8), with: content)
    }
    switch value["pattern"]?["Regex"]?.string {
    case " {2,}": return .replaceRuns(.space, atLeast: 2, with: content)
    case " +": return .replaceRuns(.space, atLeast: 1, with: content)
    case "\\s+": return .replaceRuns(.whitespace, atLeast: 1, with: content)
    case "\\s{2,}": return .replaceRuns(.whitespace, atLeast: 2, with: content)
    default:
      throw json.wrong(
        "\(key).pattern", value["pattern"]?["Regex"] ?? value["pattern"]?["String"] ?? .null,
        "use a model that replaces a text or runs of blanks")
    }
  }
}

// MARK: - Pre-tokenizer

extension PipelineJSON {
  private func preTokenizers(_ value: JSONValue?, _ key: String) throws -> [PreTokenizer] {
    guard let value, !value.isNull else { return [] }
    switch value["type"]?.string {
    case "Sequence":
      guard let parts = value["pretokenizers"]?.elements, parts.count <= 64 else {
        throw json.wrong("\(key).pretokenizers", value["pretokenizers"] ?? .null, "give a list")
      }
      return try parts.flatMap { try preTokenizers($0, key) }
    case "ByteLevel":
      return [
        .byteLevel(
          addsSpace: try flag(value, "add_prefix_space", key, or: true),
          usesPattern: try flag(value, "use_regex", key, or: true))
      ]
    case "Metaspace": return [try metaspace(value, key)]
    case "WhitespaceSplit": return [.whitespaceSplit]
    case "Digits": return [.digits(isEach: try flag(value, "individual_digits", key, or: false))]
    case "Punctuation":
      guard value["behavior"].map({ $0.string == "Isolated" }) ?? true else {
        throw json.wrong("\(key).behavior", value["behavior"] ?? .null, "use a model with Isolated")
      }
      return [.punctuation]
    default: throw json.wrong("\(key).type", value["type"] ?? .null, "use a model with another pre_tokenizer")
    }
  }

  private func metaspace(_ value: JSONValue, _ key: String) throws -> PreTokenizer {
    let mark = value["replacement"] == nil ? Array("▁".utf8) : try text(value, "replacement", key)
    guard String(decoding: mark, as: UTF8.self).unicodeScalars.count == 1, mark != [0x20] else {
      throw json.wrong("\(key).replacement", value["replacement"] ?? .null, "give one character")
    }
    var prefix = PreTokenizer.Prefix.always
    if let scheme = value["prepend_scheme"], !scheme.isNull {
      guard let known = scheme.string.flatMap({ PreTokenizer.Prefix(rawValue: $0) }) else {
        throw json.wrong("\(key).prepend_scheme", scheme, "give always, first or never")
      }
      prefix = known
    } else if try !flag(value, "add_prefix_space", key, or: true) {
      prefix = .never
    }
    return .metaspace(mark, prefix, splits: try flag(value, "split", key, or: true))
  }
}

// MARK: - Post-processor

extension PipelineJSON {
  /// The special tokens around texts; none where the file has no post_processor.
  func template() throws -> TokenTemplate {
    var template = TokenTemplate(single: [.text(type: 0)], pair: [.text(type: 0), .pair(type: 0)])
    for processor in processors where !processor.isNull {
      switch processor["type"]?.string {
      case "ByteLevel": continue
      case "RobertaProcessing":
        let (first, last) = try (mark("cls", of: processor), mark("sep", of: processor))
        template = .around(first, last, doubled: true, pairType: 0)
      case "BertProcessing":
        let (first, last) = try (mark("cls", of: processor), mark("sep", of: processor))
        template = .around(first, last, doubled: false, pairType: 1)
      case "TemplateProcessing":
        template = TokenTemplate(
          single: try parts("single", of: processor, texts: ["A"]),
          pair: try parts("pair", of: processor, texts: ["A", "B"]))
      default:
        throw json.wrong("post_processor.type", processor["type"] ?? .null, "use a model with another post_processor")
      }
    }
    return template
  }

  private func mark(_ name: String, of processor: JSONValue) throws -> Int32 {
    guard let id = processor[name]?.elements?.last?.integer, (0..<1 << 30).contains(id) else {
      throw json.wrong("post_processor.\(name)", processor[name] ?? .null, "give a token and its id")
    }
    return Int32(id)
  }

  private func parts(_ name: String, of processor: JSONValue, texts: [String]) throws -> [TokenTemplate.Part] {
    let key = "post_processor.\(name)"
    guard let parts = processor[name]?.elements, parts.count <= 64 else {
      throw json.wrong(key, processor[name] ?? .null, "give a list of texts and special tokens")
    }
    var seen: [String] = []
    let all = try parts.flatMap { part -> [TokenTemplate.Part] in
      let type = (part["Sequence"] ?? part["SpecialToken"])?["type_id"]?.integer ?? -1
      guard (0...1).contains(type) else { throw json.wrong(key, part, "give each part a type_id of 0 or 1") }
      if let text = part["Sequence"]?["id"]?.string {
        seen.append(text)
        return [text == "A" ? .text(type: Int32(type)) : .pair(type: Int32(type))]
      }
      guard let token = part["SpecialToken"]?["id"]?.string,
        let ids = processor["special_tokens"]?[token]?["ids"]?.elements?.map(\.integer), ids.count <= 64
      else { throw json.wrong(key, part, "give each special token its ids in special_tokens") }
      return try ids.map { id in
        guard let id, (0..<1 << 30).contains(id) else {
          throw json.wrong("post_processor.special_tokens", .string(token), "give ids from 0")
        }
        return .special(Int32(id), type: Int32(type))
      }
    }
    guard seen == texts else {
      throw json.wrong(key, .string(seen.joined(separator: ", ")), "give \(texts.joined(separator: " and then "))")
    }
    return all
  }
}

extension TokenTemplate {
  /// `first A last`, and `first A last B last` or, doubled, `first A last last B last`.
  static func around(_ first: Int32, _ last: Int32, doubled: Bool, pairType: Int32) -> TokenTemplate {
    let middle = [Part](repeating: .special(last, type: 0), count: doubled ? 2 : 1)
    return TokenTemplate(
      single: [.special(first, type: 0), .text(type: 0), .special(last, type: 0)],
      pair: [.special(first, type: 0), .text(type: 0)] + middle
        + [.pair(type: pairType), .special(last, type: pairType)])
  }

  /// The special tokens of a text alone, in their order.
  var marks: [Int32] { single.compactMap { if case .special(let id, _) = $0 { id } else { nil } } }

  /// The template for a model that is not given the types of tokens.
  var withoutTypes: TokenTemplate {
    func untyped(_ part: Part) -> Part {
      switch part {
      case .special(let id, _): .special(id, type: 0)
      case .text: .text(type: 0)
      case .pair: .pair(type: 0)
      }
    }
    return TokenTemplate(single: single.map(untyped), pair: pair.map(untyped))
  }
}

/// Bytes written as text (RFC 4648).
enum Base64 {
  /// Nil where the text is not such bytes.
  static func decoded(_ text: [UInt8]) -> [UInt8]? {
    guard text.count % 4 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    let padding = text.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
    for start in stride(from: 0, to: text.count, by: 4) {
      var value: UInt32 = 0
      for index in start..<start + 4 {
        guard let digit = index >= text.count - padding ? 0 : digit(text[index]) else { return nil }
        value = value << 6 | digit
      }
      bytes += [UInt8(value >> 16), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
    }
    bytes.removeLast(padding)
    return bytes
  }

  private static func digit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a") + 26)
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0") + 52)
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
