/// An entity: words of one text, and what they name.
public struct EntitySpan: Sendable, Hashable {
  /// Words of the text.
  public let words: Range<Int>
  public let type: String

  public init(_ words: Range<Int>, _ type: String) { (self.words, self.type) = (words, type) }
}

/// Reads entities from tags such as `B-person`.
///
/// A tag is a mark and a type with a hyphen between them. `B` and `I` begin and continue an entity, `E` (or `L`) ends it, and
/// `S` (or `U`) is one of a single word; `O` is none.
public enum EntityTags {
  /// A tag's mark and type.
  ///
  /// What has no mark is taken as `I` of a separate type, so that names of parts of speech can be counted, too.
  static func parts(_ tag: String) -> (mark: Character, type: String) {
    guard tag != "O", let first = tag.first else { return ("O", "") }
    let rest = tag.dropFirst()
    guard "BIELSU".contains(first), rest.isEmpty || rest.hasPrefix("-") else { return ("I", tag) }
    let mark: Character = first == "L" ? "E" : first == "U" ? "S" : first
    return (mark, String(rest.dropFirst()))
  }

  /// The entities of a text's tags, lenient as conlleval and seqeval's default are: any tag that cannot continue the one
  /// before begins an entity.
  public static func entities(_ tags: [String]) -> [EntitySpan] {
    var (entities, start): ([EntitySpan], Int?) = ([], nil)
    var before: (mark: Character, type: String) = ("O", "")
    for (place, tag) in (tags + ["O"]).enumerated() {
      let own = parts(tag)
      if let first = start, ends(before, own) {
        entities.append(EntitySpan(first..<place, before.type))
        start = nil
      }
      if begins(before, own) { start = place }
      before = own
    }
    return entities
  }

  /// Whether an entity ends between two tags.
  private static func ends(_ before: (mark: Character, type: String), _ next: (mark: Character, type: String)) -> Bool {
    switch (before.mark, next.mark) {
    case ("E", _), ("S", _): true
    case ("B", "B"), ("B", "S"), ("B", "O"), ("I", "B"), ("I", "S"), ("I", "O"): true
    default: before.mark != "O" && before.type != next.type
    }
  }

  /// Whether an entity begins at the second of two tags.
  private static func begins(_ before: (mark: Character, type: String), _ next: (mark: Character, type: String)) -> Bool
  {
    switch (before.mark, next.mark) {
    case (_, "O"): false
    case (_, "B"), (_, "S"): true
    case ("E", "E"), ("E", "I"), ("S", "E"), ("S", "I"), ("O", "E"), ("O", "I"): true
    default: before.type != next.type
    }
  }

  /// Whether tags are of a scheme with ends and single words.
  public static func haveEnds(_ tags: some Sequence<String>) -> Bool {
    tags.contains { "ES".contains(parts($0).mark) }
  }

  /// The entities that a scheme allows alone, as seqeval's strict mode has them: of BIO `B I…`, of BIOES `B I… E` and `S`.
  public static func strictEntities(_ tags: [String], haveEnds: Bool) -> [EntitySpan] {
    var (entities, start): ([EntitySpan], Int?) = ([], nil)
    let parts = tags.map(parts)
    for (place, own) in parts.enumerated() {
      let continues = start.map { own.type == parts[$0].type && "IE".contains(own.mark) } ?? false
      if !continues { start = nil }
      switch own.mark {
      case "S": entities.append(EntitySpan(place..<place + 1, own.type))
      case "B": start = place
      default: break
      }
      guard let first = start else { continue }
      if haveEnds, own.mark == "E" {
        entities.append(EntitySpan(first..<place + 1, own.type))
        start = nil
      }
      guard !haveEnds else { continue }
      let next = place + 1 < parts.count ? parts[place + 1] : (mark: "O", type: "")
      if !(next.mark == "I" && next.type == own.type) {
        entities.append(EntitySpan(first..<place + 1, own.type))
        start = nil
      }
    }
    return entities
  }

  /// The tags of entities that do not overlap.
  ///
  /// - Parameter count: words of the text.
  public static func tags(_ entities: [EntitySpan], count: Int, haveEnds: Bool) -> [String] {
    var tags = [String](repeating: "O", count: count)
    for entity in entities {
      let last = entity.words.upperBound - 1
      for word in entity.words {
        let isFirst = word == entity.words.lowerBound
        let mark = haveEnds && word == last ? (isFirst ? "S" : "E") : isFirst ? "B" : "I"
        tags[word] = "\(mark)-\(entity.type)"
      }
    }
    return tags
  }
}
