import Support

/// The special and added tokens that a model's files declare, in the order in which the library adds them.
///
/// `added_tokens_decoder` of tokenizer_config.json replaces special_tokens_map.json and added_tokens.json, which older
/// folders have in its place.
struct DeclaredTokens {
  private(set) var names = SpecialTokenNames()
  private(set) var tokens: [AddedTokens.Declared] = []
  /// Named tokens, by key, in the order of the library.
  private var named: [(key: String, token: AddedTokens.Declared)] = []

  private static let keys = [
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
  ]

  init(
    config: TokenizerConfig, json: TokenizerJSON?, special: JSONFile, added: JSONFile, isGeneric: Bool
  ) throws {
    let decoder = config.json["added_tokens_decoder"].flatMap { $0.isNull ? nil : $0 }
    try readNames(config.json)
    if decoder == nil { try readNames(special) }
    setNames(from: json, isGeneric: isGeneric)
    var extras = try Self.extras(config.json)
    // The library does not look at additional_special_tokens of this file where it reads added_tokens.json.
    let legacyExtras =
      try extras + (decoder == nil && special["extra_special_tokens"] != nil ? Self.extras(special) : [])
    if decoder == nil { extras += try Self.extras(special) }
    let inJSON = try json.map { try Self.list($0.json) } ?? []
    if isGeneric { tokens = inJSON }
    tokens +=
      try decoder.map { try Self.numbered($0, in: config.json) }
      ?? legacy(added, inJSON: inJSON, extras: legacyExtras)
    addNamed(extras, isGeneric: isGeneric)
    if !isGeneric { try refuseDifferences(of: inJSON, from: config.json.file) }
  }

  // MARK: Names

  private mutating func readNames(_ json: JSONFile) throws {
    for member in json.root?.members ?? [] where member.key.hasSuffix("_token") && member.value.boolean == nil {
      if member.value.isNull {
        let isReserved = ["unk_token", "sep_token", "pad_token", "cls_token", "mask_token"].contains(member.key)
        if isReserved { throw json.wrong(member.key, .null, "name the token") }
        continue
      }
      let token = try Self.token(member.value, key: member.key, in: json, isSpecial: true)
      named.removeAll { $0.key == member.key }
      named.append((member.key, token))
    }
    named.sort { Self.place($0.key) < Self.place($1.key) }
  }

  private static func place(_ key: String) -> Int { keys.firstIndex(of: key) ?? keys.count }

  private mutating func setNames(from json: TokenizerJSON?, isGeneric: Bool) {
    if isGeneric, let json {
      names.unknown = json.json["model"]?["unk_token"]?.string ?? names.unknown
      if let marks = PostProcessor(json.json["post_processor"]).marks {
        (names.classification, names.separator) = (marks.first, marks.last)
      }
    }
    for (key, token) in named {
      let name = token.token.content
      switch key {
      case "unk_token": names.unknown = name
      case "sep_token": names.separator = name
      case "pad_token": names.padding = name
      case "cls_token": names.classification = name
      case "mask_token": names.mask = name
      default: break
      }
    }
  }

  /// Adds the special tokens that no list declares, which the library adds by itself: BERT's own ones too, unless
  /// tokenizer.json alone counts.
  private mutating func addNamed(_ extras: [AddedTokens.Declared], isGeneric: Bool) {
    var missing = named.map { (place: Self.place($0.key), token: $0.token) }
    if !isGeneric {
      let usual = ["unk_token": names.unknown, "sep_token": names.separator, "pad_token": names.padding]
        .merging(["cls_token": names.classification, "mask_token": names.mask]) { $1 }
      for (key, name) in usual where !named.contains(where: { $0.key == key }) {
        missing.append((Self.place(key), AddedTokens.Declared(token: AddedToken(name, isSpecial: true), file: "")))
      }
      missing.sort { $0.place < $1.place }
    }
    // A token with a name is special, whatever its list says.
    for index in tokens.indices where !tokens[index].token.isSpecial {
      guard missing.contains(where: { Self.isSame($0.token, tokens[index]) }) else { continue }
      tokens[index].token.isSpecial = true
      if !tokens[index].statesNormalized { tokens[index].token.isNormalized = false }
    }
    for candidate in missing.map(\.token) + extras where !tokens.contains(where: { Self.isSame($0, candidate) }) {
      tokens.append(candidate)
    }
  }

  private static func isSame(_ one: AddedTokens.Declared, _ other: AddedTokens.Declared) -> Bool {
    one.token.content.utf8.elementsEqual(other.token.content.utf8)
  }

  // MARK: Lists

  /// `additional_special_tokens` or `extra_special_tokens`: a list, or names with tokens.
  private static func extras(_ json: JSONFile) throws -> [AddedTokens.Declared] {
    let key = json["extra_special_tokens"].map(\.isNull) ?? true ? "additional_special_tokens" : "extra_special_tokens"
    guard let value = json[key], !value.isNull else { return [] }
    guard let tokens = value.elements ?? value.members?.map(\.value) else {
      throw json.wrong(key, value, "give a list of tokens")
    }
    return try tokens.map { try token($0, key: key, in: json, isSpecial: true) }
  }

  /// `added_tokens` of a tokenizer.json.
  private static func list(_ json: JSONFile) throws -> [AddedTokens.Declared] {
    guard let value = json["added_tokens"], !value.isNull else { return [] }
    guard let tokens = value.elements else { throw json.wrong("added_tokens", value, "give a list of tokens") }
    return try tokens.map { member in
      guard let id = member["id"]?.integer, member["content"]?.string != nil else {
        throw json.wrong("added_tokens", member, "give each token a content and an id")
      }
      var token = try token(member, key: "added_tokens", in: json, isSpecial: false)
      token.id = id
      return token
    }
  }

  /// `added_tokens_decoder`: ids with tokens.
  private static func numbered(_ value: JSONValue, in json: JSONFile) throws -> [AddedTokens.Declared] {
    guard let members = value.members else {
      throw json.wrong("added_tokens_decoder", value, "give an object of ids and tokens")
    }
    return try members.map { member in
      guard let id = Int(member.key), member.value.members != nil else {
        throw json.wrong("added_tokens_decoder.\(member.key)", member.value, "give an id and its token")
      }
      var token = try token(member.value, key: "added_tokens_decoder", in: json, isSpecial: false)
      token.id = id
      return token
    }.sorted { $0.id! < $1.id! }
  }

  /// added_tokens.json, then the tokens of tokenizer.json, which replace those of the same id.
  private func legacy(
    _ json: JSONFile, inJSON: [AddedTokens.Declared], extras: [AddedTokens.Declared]
  ) throws -> [AddedTokens.Declared] {
    let special = (named.map(\.token) + extras).map(\.token.content)
    let own = try (json.root?.members ?? []).map { member in
      guard let id = member.value.integer else { throw json.wrong(member.key, member.value, "give the token's id") }
      let isSpecial = special.contains { $0.utf8.elementsEqual(member.key.utf8) }
      return AddedTokens.Declared(token: AddedToken(member.key, isSpecial: isSpecial), id: id, file: json.file)
    }
    return (own.filter { token in !inJSON.contains { $0.id == token.id } } + inJSON).sorted { $0.id! < $1.id! }
  }

  /// A token of tokenizer.json that transformers would not find, because tokenizer_config.json leaves it out.
  private func refuseDifferences(of inJSON: [AddedTokens.Declared], from file: String) throws {
    for token in inJSON where !tokens.contains(where: { $0.token.finds(sameAs: token.token) }) {
      throw VocabularyError.unsupported(
        file: token.file,
        problem: "the added token \(token.token.content) is not, or not so, in \(file)",
        remedy: "declare it in both, or remove added_tokens_decoder from the latter")
    }
  }

  /// A token as a string, or an object with its properties.
  private static func token(
    _ value: JSONValue, key: String, in json: JSONFile, isSpecial: Bool
  ) throws -> AddedTokens.Declared {
    if let content = value.string {
      return AddedTokens.Declared(
        token: AddedToken(content, isSpecial: isSpecial), statesNormalized: false, file: json.file)
    }
    guard let content = value["content"]?.string else { throw json.wrong(key, value, "give the token") }
    func flag(_ name: String) throws -> Bool? {
      guard let flag = value[name], !flag.isNull else { return nil }
      guard let boolean = flag.boolean else { throw json.wrong("\(key).\(name)", flag, "give true or false") }
      return boolean
    }
    var token = AddedToken(
      content, isSpecial: try flag("special") ?? isSpecial, isNormalized: try flag("normalized"))
    token.isSingleWord = try flag("single_word") ?? false
    token.stripsLeft = try flag("lstrip") ?? false
    token.stripsRight = try flag("rstrip") ?? false
    return AddedTokens.Declared(token: token, statesNormalized: try flag("normalized") != nil, file: json.file)
  }
}
