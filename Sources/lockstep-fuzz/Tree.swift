import Support

/// A JSON text as its parts, to be damaged without breaking its grammar: keys, values, counts, nesting.
indirect enum Tree {
  /// A number, a string, a word: as it is written.
  case scalar(String)
  case list([Tree])
  case table([(key: String, value: Tree)])

  /// Nil where the bytes are not JSON.
  init?(_ bytes: [UInt8]) {
    guard let value = try? JSONParser.parse(bytes) else { return nil }
    self.init(value)
  }

  private init(_ value: JSONValue) {
    switch value {
    case .array(let elements): self = .list(elements.map(Tree.init))
    case .object(let members): self = .table(members.map { ($0.key, Tree($0.value)) })
    case .string(let text): self = .scalar(Self.quoted(text))
    case .null: self = .scalar("null")
    case .boolean(let value): self = .scalar("\(value)")
    case .integer(let value): self = .scalar("\(value)")
    case .unsigned(let value): self = .scalar("\(value)")
    case .number(let value): self = .scalar("\(value)")
    }
  }

  var text: String {
    switch self {
    case .scalar(let text): text
    case .list(let elements): "[\(elements.map(\.text).joined(separator: ", "))]"
    case .table(let members): "{\(members.map { "\(Self.quoted($0.key)): \($0.value.text)" }.joined(separator: ", "))}"
    }
  }

  /// How many parts it has, itself among them.
  var count: Int {
    switch self {
    case .scalar: 1
    case .list(let elements): 1 + elements.reduce(0) { $0 + $1.count }
    case .table(let members): 1 + members.reduce(0) { $0 + $1.value.count }
    }
  }

  /// All keys, as often as they stand.
  var keys: [String] {
    switch self {
    case .scalar: []
    case .list(let elements): elements.flatMap(\.keys)
    case .table(let members): members.flatMap { [$0.key] + $0.value.keys }
    }
  }

  /// The part of this number, in the order of the text.
  subscript(_ number: Int) -> Tree {
    get {
      if number == 0 { return self }
      var rest = number - 1
      for child in children {
        if rest < child.count { return child[rest] }
        rest -= child.count
      }
      return self
    }
    set {
      if number == 0 {
        self = newValue
        return
      }
      var rest = number - 1
      for (index, child) in children.enumerated() {
        if rest < child.count {
          var changed = child
          changed[rest] = newValue
          return replace(index, by: changed)
        }
        rest -= child.count
      }
    }
  }

  private var children: [Tree] {
    switch self {
    case .scalar: []
    case .list(let elements): elements
    case .table(let members): members.map(\.value)
    }
  }

  private mutating func replace(_ index: Int, by child: Tree) {
    switch self {
    case .scalar: break
    case .list(var elements):
      elements[index] = child
      self = .list(elements)
    case .table(var members):
      members[index].value = child
      self = .table(members)
    }
  }

  static func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar -> String in
      switch scalar {
      case "\"": "\\\""
      case "\\": "\\\\"
      case _ where scalar.value < 0x20: "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: String(scalar)
      }
    }
    return "\"\(escaped.joined())\""
  }
}
