import Support

extension JSONValue {
  /// The object with the values of objects in it, too, under the names of both keys, such as `choices.text`. A key that is
  /// written that way itself comes first.
  var flattened: JSONValue {
    guard case .object(let members) = self, members.contains(where: { $0.value.members != nil }) else { return self }
    let nested = members.flatMap { outer in
      (outer.value.members ?? []).map { JSONValue.Member(key: "\(outer.key).\($0.key)", value: $0.value) }
    }
    let known = Set(members.map(\.key))
    return .object(members + nested.filter { !known.contains($0.key) })
  }

  /// The value of a key, or of a path with dots; of an array of objects that of each.
  func at(_ path: String) -> JSONValue? {
    if let value = self[path] { return value }
    guard let dot = path.firstIndex(of: "."), let value = self[String(path[..<dot])] else { return nil }
    let rest = String(path[path.index(after: dot)...])
    guard case .array(let elements) = value else { return value.at(rest) }
    let values = elements.compactMap { $0.at(rest) }
    return values.count == elements.count ? .array(values) : nil
  }
}
