/// How a format is built, where its inputs are damaged part by part and not byte by byte alone.
enum Structure {
  /// One JSON text; YAML of its flow style is one, too.
  case json
  /// A JSON object a line.
  case lines
  /// Eight bytes of length, a JSON text, and bytes.
  case safetensors
}

extension Mutation {
  /// Values that are right by their grammar and wrong by their meaning.
  private static let values = [
    "-1", "0", "1", "2", "0.5", "-0.0", "1e300", "-1e300", "1e-320", "9223372036854775807", "-9223372036854775808",
    "9223372036854775808", "18446744073709551616", "4294967296", "2000000001", "1073741824", "null", "true", "false",
    "\"\"", "\"a\"", "\"\\u0000\"", "\"é\"", "\"NaN\"", "[]", "{}", "[[]]", "[0]", "[-1, 9223372036854775807]",
    "{\"\": null}",
  ]

  /// One of the seeds with one to four of its parts changed; nil where the seed is not what the structure says.
  mutating func next(_ structure: Structure) -> [UInt8]? {
    let seed = seeds[draw(seeds.count)]
    switch structure {
    case .json: return changed(seed).map { Array($0.utf8) }
    case .lines: return lines(of: seed)
    case .safetensors:
      guard seed.count > 8 else { return nil }
      let length = seed[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
      guard length > 0, length <= seed.count - 8, let header = changed(Array(seed[8..<8 + length])) else { return nil }
      // Mostly the true length, or nothing would be looked at further.
      let count = draw(8) == 0 ? draw(2 * header.utf8.count) : header.utf8.count
      return withUnsafeBytes(of: UInt64(count).littleEndian, Array.init) + Array(header.utf8) + seed[(8 + length)...]
    }
  }

  private mutating func changed(_ bytes: [UInt8]) -> String? {
    guard var tree = Tree(bytes) else { return nil }
    for _ in 0...draw(4) where tree.count < 1 << 14 { change(&tree) }
    return tree.text
  }

  /// Lines that come twice, are missing, stand in another order, are cut, or have other parts.
  private mutating func lines(of bytes: [UInt8]) -> [UInt8]? {
    var lines = bytes.split(separator: 0x0A).map(Array.init)
    guard !lines.isEmpty else { return nil }
    for _ in 0...draw(4) where !lines.isEmpty {
      let place = draw(lines.count)
      switch draw(8) {
      case 0: lines.insert(lines[place], at: draw(lines.count + 1))
      case 1: lines.remove(at: place)
      case 2: lines.swapAt(place, draw(lines.count))
      case 3: lines[place].removeLast(draw(lines[place].count))
      case 4: lines += lines.prefix(64)
      default: lines[place] = changed(lines[place]).map { Array($0.utf8) } ?? lines[place]
      }
    }
    return Array(lines.joined(separator: [0x0A])) + (draw(4) == 0 ? [] : [0x0A])
  }

  private mutating func change(_ tree: inout Tree) {
    let place = draw(tree.count)
    switch tree[place] {
    case .scalar(let text): tree[place] = value(insteadOf: text, in: tree)
    case .list(let elements): tree[place] = list(elements, in: tree)
    case .table(let members): tree[place] = table(members, in: tree)
    }
  }

  private mutating func value(insteadOf text: String, in tree: Tree) -> Tree {
    switch draw(8) {
    case 0: return tree[draw(tree.count)]
    case 1:
      // Counts that are off by one, and doubled.
      guard let number = Int(text) else { return .scalar(Self.values[draw(Self.values.count)]) }
      let others = [number &+ 1, number &- 1, 2 &* number, 0 &- number]
      return .scalar("\(others[draw(others.count)])")
    case 2 where draw(8) == 0: return nested(.scalar(text))
    default: return .scalar(Self.values[draw(Self.values.count)])
    }
  }

  /// A value far down.
  private mutating func nested(_ tree: Tree) -> Tree {
    (0..<1 + draw(160)).reduce(tree) { inner, level in level % 2 == 0 ? .list([inner]) : .table([("a", inner)]) }
  }

  private mutating func list(_ elements: [Tree], in tree: Tree) -> Tree {
    var elements = elements
    let place = draw(elements.count)
    switch draw(6) {
    case 0: elements.insert(tree[draw(tree.count)], at: draw(elements.count + 1))
    case 1 where !elements.isEmpty: elements.remove(at: place)
    case 2 where !elements.isEmpty: elements.swapAt(place, draw(elements.count))
    case 3 where !elements.isEmpty: elements += Array(repeating: elements[place], count: 1 << draw(8))
    case 4: return .table([("a", .list(elements))])
    default: return .scalar(Self.values[draw(Self.values.count)])
    }
    return .list(elements)
  }

  private mutating func table(_ members: [(key: String, value: Tree)], in tree: Tree) -> Tree {
    var members = members
    let (place, keys) = (draw(members.count), tree.keys)
    let key = keys.isEmpty ? "a" : keys[draw(keys.count)]
    switch draw(8) {
    case 0: members.append((key, tree[draw(tree.count)]))
    case 1 where !members.isEmpty: members.remove(at: place)
    case 2 where !members.isEmpty: members.append(members[place])
    case 3 where !members.isEmpty: members[place].key = key
    case 4 where !members.isEmpty:
      let other = draw(members.count)
      (members[place].value, members[other].value) = (members[other].value, members[place].value)
    case 5: return .list([.table(members)])
    case 6 where !members.isEmpty: members[place].key += draw(2) == 0 ? "e\u{301}" : "\u{0}"
    default: members.append((key, .scalar(Self.values[draw(Self.values.count)])))
    }
    return .table(members)
  }
}
