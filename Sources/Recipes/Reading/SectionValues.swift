import Yams

/// Typed reads of single values. Numbers are read as people write them, not as YAML 1.1 might: `010`, `0x10`, `1_000` and
/// `1:30` are errors, and so is what no computation could use.
extension Section {
  public func string(_ key: String) throws -> String? { try string(key, .text) }

  public func string(_ key: String, default fallback: String) throws -> String {
    try string(key, .text, fallback: fallback) ?? fallback
  }

  private func string(_ key: String, _ type: RecipeValue, fallback: String? = nil) throws -> String? {
    guard let node = node(key, type, fallback: fallback) else { return nil }
    guard let text = node.scalar?.string else { throw error(key, "is not a text; give one value") }
    return text
  }

  // MARK: Whole numbers

  /// An integer within bounds, both allowed, or nil where there is none.
  public func integer(
    _ key: String, atLeast minimum: Int, atMost maximum: Int = RecipeValue.largestInteger
  ) throws -> Int? {
    let value = try integer(key, minimum...maximum, fallback: nil)
    if let value, value < minimum { throw error(key, "is \(value); give at least \(minimum), or leave it out") }
    return value
  }

  /// An integer within bounds, both allowed.
  public func integer(
    _ key: String, default fallback: Int, atLeast minimum: Int, atMost maximum: Int = RecipeValue.largestInteger
  ) throws -> Int {
    let value = try integer(key, minimum...maximum, fallback: String(fallback)) ?? fallback
    guard value >= minimum else { throw error(key, "is \(value); give at least \(minimum)") }
    return value
  }

  /// An integer that is not above the bounds.
  private func integer(_ key: String, _ bounds: ClosedRange<Int>, fallback: String?) throws -> Int? {
    let type = RecipeValue.integer(atLeast: bounds.lowerBound, atMost: bounds.upperBound)
    guard let node = node(key, type, fallback: fallback) else { return nil }
    guard let text = node.scalar?.string, text.isWholeNumber else {
      throw error(key, "is \(describe(node)), which is not a whole number; " + remedy(node))
    }
    // More digits than an Int holds are beyond every bound.
    if let value = Int(text) ?? (text.hasPrefix("-") ? .min : nil), value <= bounds.upperBound { return value }
    throw error(key, "is \(text.prefix(40)); give at most \(bounds.upperBound)")
  }

  /// What to write in place of a number that is spelt as YAML 1.1 allows it, or as a fraction.
  private func remedy(_ node: Node) -> String {
    let text = node.scalar?.string ?? ""
    if let plain = Int(text.filter { $0 != "_" }), text.contains("_") { return "write \(plain)" }
    if text.isDecimal, Int(text) == nil, let value = Double(text), let whole = Int(exactly: value) {
      return "write \(whole)"
    }
    if Int(text) != nil { return "write it without zeros before it" }
    return isSpelling(node, text) ? "write it in decimal digits" : "give one"
  }

  /// Whether YAML 1.1 takes a text for a whole number.
  ///
  /// Numbers to the base 60, such as 1:30, are known by their signs: Yams adds them up without a check for overflow, and traps.
  private func isSpelling(_ node: Node, _ text: String) -> Bool {
    guard text.contains(":") else { return node.int != nil }
    return text.allSatisfy { $0.isASCII && $0.isNumber || ":_+-".contains($0) }
  }

  // MARK: Numbers

  public func number(_ key: String) throws -> Double? { try number(key, .number(nil)) }

  /// A number within bounds, both allowed.
  public func number(_ key: String, default fallback: Double, in bounds: ClosedRange<Double>) throws -> Double {
    let value = try number(key, .number(bounds), fallback: fallback.written) ?? fallback
    guard bounds.contains(value) else {
      throw error(
        key, "is \(value.written); give a value from \(bounds.lowerBound.written) to \(bounds.upperBound.written)")
    }
    return value
  }

  /// A number above 0.
  public func positive(_ key: String, default fallback: Double) throws -> Double {
    try checkedPositive(key, fallback: fallback.written, "") ?? fallback
  }

  /// A number above 0, or nil where there is none.
  public func positive(_ key: String) throws -> Double? {
    try checkedPositive(key, fallback: nil, ", or leave it out")
  }

  private func checkedPositive(_ key: String, fallback: String?, _ alternative: String) throws -> Double? {
    guard let value = try number(key, .positive, fallback: fallback) else { return nil }
    guard value > 0 else { throw error(key, "is \(value.written); give a number above 0\(alternative)") }
    guard Self.usable.contains(value) else {
      throw error(
        key,
        "is \(value.written); give a number from \(Self.usable.lowerBound.written) to \(Self.usable.upperBound.written)"
      )
    }
    return value
  }

  /// Positive numbers that stay so as Float, also when squared.
  private static let usable = 1e-18...1e18

  private func number(_ key: String, _ type: RecipeValue, fallback: String? = nil) throws -> Double? {
    guard let node = node(key, type, fallback: fallback) else { return nil }
    return try finite(key, node) { "is \(describe(node)), which is not a \($0)number; \($1)" }
  }

  private func finite(
    _ key: String, _ node: Node, _ problem: (_ kind: String, _ remedy: String) -> String
  ) throws -> Double {
    guard let text = node.scalar?.string, text.isDecimal, let value = Double(text) else {
      let isSpelling = node.float?.isFinite ?? false
      throw error(key, problem("", isSpelling ? "write it in decimal digits" : "give one"))
    }
    guard value.isFinite else { throw error(key, problem("finite ", "give one")) }
    return value
  }

  // MARK: Truth values and choices

  public func boolean(_ key: String, default fallback: Bool) throws -> Bool {
    guard let node = node(key, .boolean, fallback: String(fallback)) else { return fallback }
    guard let value = node.bool else { throw error(key, "is \(describe(node)); give true or false") }
    return value
  }

  /// True or false, or nil where there is neither.
  public func boolean(_ key: String) throws -> Bool? {
    guard let node = node(key, .boolean) else { return nil }
    guard let value = node.bool else { throw error(key, "is \(describe(node)); give true or false, or leave it out") }
    return value
  }

  /// One of the cases of an enumeration of strings.
  public func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, default fallback: Choice
  ) throws -> Choice where Choice.RawValue == String {
    try choice(key, fallback: fallback.rawValue) ?? fallback
  }

  /// One of the cases of an enumeration of strings, or nil where there is none.
  public func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String
  ) throws -> Choice? where Choice.RawValue == String {
    try choice(key, fallback: nil)
  }

  private func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, fallback: String?
  ) throws -> Choice? where Choice.RawValue == String {
    let allowed = Choice.allCases.map(\.rawValue)
    guard let text = try string(key, .choice(allowed), fallback: fallback) else { return nil }
    guard let choice = Choice(rawValue: text) else {
      throw error(
        key, "is \"\(text)\"; give one of \(allowed.joined(separator: ", "))" + suggestion(text, among: allowed))
    }
    return choice
  }

  // MARK: Lists

  public func strings(_ key: String) throws -> [String]? { try list(key, .texts) { try text(key, $0) } }
  public func numbers(_ key: String) throws -> [Double]? { try list(key, .numbers) { try element(key, $0) } }

  public func strings(_ key: String, default fallback: [String]) throws -> [String] {
    try list(key, .texts, fallback: "[\(fallback.joined(separator: ", "))]") { try text(key, $0) } ?? fallback
  }

  public func numbers(_ key: String, default fallback: [Double]) throws -> [Double] {
    let written = "[\(fallback.map(\.written).joined(separator: ", "))]"
    return try list(key, .numbers, fallback: written) { try element(key, $0) } ?? fallback
  }

  private func list<Element>(
    _ key: String, _ type: RecipeValue, fallback: String? = nil, _ convert: (Node) throws -> Element
  ) throws -> [Element]? {
    guard let node = node(key, type, fallback: fallback) else { return nil }
    return try (node.sequence.map { Array($0) } ?? [node]).map(convert)
  }

  private func text(_ key: String, _ node: Node) throws -> String {
    guard let text = node.scalar?.string else { throw error(key, "holds \(describe(node)), of the wrong type") }
    return text
  }

  private func element(_ key: String, _ node: Node) throws -> Double {
    try finite(key, node) { "holds \(describe(node)), which is not a \($0)number; \($1)" }
  }

  private func describe(_ node: Node) -> String {
    node.scalar.map { "\"\($0.string.prefix(80))\"" } ?? (node.sequence != nil ? "a list" : "a mapping")
  }
}

extension String {
  /// Decimal digits without a leading zero, perhaps with a sign.
  fileprivate var isWholeNumber: Bool {
    let digits = utf8.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
    guard utf8.count - digits.count <= 1, digits.allSatisfy({ 0x30...0x39 ~= $0 }) else { return false }
    return digits.count == 1 || (digits.count > 1 && digits.first != 0x30)
  }

  /// A decimal number, perhaps with a sign, a point and an exponent.
  fileprivate var isDecimal: Bool {
    utf8.contains { 0x30...0x39 ~= $0 }
      && utf8.allSatisfy { 0x30...0x39 ~= $0 || "+-.eE".utf8.contains($0) }
  }
}
