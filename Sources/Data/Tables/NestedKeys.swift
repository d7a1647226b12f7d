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
}
