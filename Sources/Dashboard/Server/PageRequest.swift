/// A request's head (RFC 9112), as far as the page looks at it.
struct PageRequest {
  let method: String
  let path: String
  private let query: Substring
  private let fields: [(name: String, value: String)]

  /// - Parameter head: all bytes before the empty line.
  /// - Returns: nil for what is not a head of HTTP/1.0 or HTTP/1.1.
  init?(_ head: ArraySlice<UInt8>) {
    guard let lines = Self.lines(head), let first = lines.first else { return nil }
    let words = first.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard words.count == 3, Self.isToken(words[0]), !words[1].isEmpty, words[1].allSatisfy({ 0x21...0x7E ~= $0 }),
      ["HTTP/1.1", "HTTP/1.0"].contains(String(decoding: words[2], as: UTF8.self))
    else { return nil }
    var fields: [(name: String, value: String)] = []
    for line in lines.dropFirst() {
      guard let field = Self.field(line) else { return nil }
      fields.append(field)
    }
    self.fields = fields
    method = String(decoding: words[0], as: UTF8.self)
    let end = words[1].firstIndex(of: UInt8(ascii: "?")) ?? words[1].endIndex
    path = String(decoding: words[1][..<end], as: UTF8.self)
    query = Substring(String(decoding: words[1][end...], as: UTF8.self)).dropFirst()
  }

  /// The values of a header, whose name is given in small letters.
  func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

  /// There is more to come than a head.
  var hasBody: Bool { !values("transfer-encoding").isEmpty || values("content-length").contains { $0 != "0" } }

  /// The first value of a key in the query, as it is written there.
  subscript(key: String) -> String? {
    query.split(separator: "&").first { $0.hasPrefix(key + "=") }.map { String($0.dropFirst(key.count + 1)) }
  }

  /// Nil where a line does not end in both of its characters, or holds another control character than a tab.
  private static func lines(_ head: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
    let lines = head.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let bare = lines.enumerated().map { $0.offset < lines.count - 1 ? $0.element.dropLast() : $0.element }
    guard lines.dropLast().allSatisfy({ $0.last == UInt8(ascii: "\r") }),
      bare.allSatisfy({ $0.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 } })
    else { return nil }
    return bare
  }

  private static func field(_ line: ArraySlice<UInt8>) -> (name: String, value: String)? {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), isToken(line[..<colon]) else { return nil }
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    var value = line[(colon + 1)...].drop(while: isBlank)
    while let last = value.last, isBlank(last) { value.removeLast() }
    return (String(decoding: line[..<colon], as: UTF8.self).lowercased(), String(decoding: value, as: UTF8.self))
  }

  private static func isToken(_ word: ArraySlice<UInt8>) -> Bool {
    !word.isEmpty
      && word.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
  }
}
