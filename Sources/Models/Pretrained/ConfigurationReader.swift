import Foundation
import Tensors

/// Typed reads of a JSON object, with errors that name the file and the key.
public struct ConfigurationReader {
  let json: [String: Any]
  let source: String

  public init(json: [String: Any], source: String) {
    self.json = json
    self.source = source
  }

  /// Whether a key is there and not null.
  public func has(_ key: String) -> Bool { json[key].map { !($0 is NSNull) } ?? false }

  /// The id of a token; nil where the file says null, the usual one where it says nothing.
  public func identifier(_ key: String, _ usual: Int?) throws -> Int? {
    let value = try atLeastZero(key)
    return json[key] is NSNull ? nil : value.map { Int(min($0, 0x1p30)) } ?? usual
  }

  public func flag(_ key: String, _ usual: Bool) throws -> Bool {
    guard has(key), let value = json[key] else { return usual }
    guard let flag = value as? Bool else { throw wrong(key, "is \(value), which is neither true nor false") }
    return flag
  }

  public func number(_ key: String) throws -> Double? {
    guard let value = json[key], !(value is NSNull) else { return nil }
    if let integer = value as? Int { return Double(integer) }
    guard let number = value as? Double, number.isFinite else { throw wrong(key, "is not a number") }
    return number
  }

  public func positive(_ key: String, _ fallback: Int) throws -> Int {
    guard let value = try number(key) else { return fallback }
    guard (1...0x1p30).contains(value), value == value.rounded() else {
      throw wrong(key, "is \(Self.text(value)), which is not a positive whole number")
    }
    return Int(value)
  }

  public func positives(_ key: String) throws -> [Int]? {
    guard let value = json[key], !(value is NSNull) else { return nil }
    guard let numbers = value as? [Any], !numbers.isEmpty else { throw wrong(key, "is not a list of numbers") }
    return try numbers.map { number in
      guard let number = number as? Int, (1...1 << 20).contains(number) else {
        throw wrong(key, "holds \(number), which is not a positive whole number")
      }
      return number
    }
  }

  public func probability(_ key: String) throws -> Double? {
    guard let value = try number(key) else { return nil }
    guard (0..<1).contains(value) else {
      throw wrong(key, "is \(Self.text(value)), which is not a probability below 1")
    }
    return value
  }

  /// A probability; nil where the file says null, the usual one where it says nothing.
  public func probability(_ key: String, _ usual: Double?) throws -> Double? {
    json[key] == nil ? usual : try probability(key)
  }

  public func atLeastZero(_ key: String) throws -> Double? {
    guard let value = try number(key) else { return nil }
    guard value >= 0 else { throw wrong(key, "is \(Self.text(value)), which is negative") }
    return value
  }

  /// The activation of a name, under any that transformers has for it.
  public func activation(_ key: String) throws -> Activation? {
    try require(key, oneOf: Activation.names)
    return (json[key] as? String).flatMap(Activation.init(name:))
  }

  /// What configurations of models with a table of positions say of it.
  static let absolutePositions = ["position_embedding_type": "absolute"]

  /// Refuses positions that are not looked up in a table.
  func requireAbsolutePositions() throws { try require("position_embedding_type", oneOf: ["absolute"]) }

  /// Refuses a key unless it is false, empty or null, which change nothing.
  public func refuse(_ key: String) throws {
    guard let value = json[key], !(value is NSNull) else { return }
    if let list = value as? [Any], list.isEmpty { return }
    if let object = value as? [String: Any], object.isEmpty { return }
    if (value as? [Any]) == nil, (value as? [String: Any]) == nil, value as? Bool == false { return }
    let phrase =
      value is [Any] || value is [String: Any] ? "is given" : "is \(value as? Bool == true ? "true" : "\(value)")"
    throw wrong(key, "\(phrase), which is not computed here")
  }

  public func require(_ key: String, oneOf allowed: [String]) throws {
    guard let value = json[key], !(value is NSNull) else { return }
    guard let text = value as? String, allowed.contains(text) else {
      throw wrong(key, "is \(value), and only \(allowed.joined(separator: ", ")) can be computed here")
    }
  }

  /// A number as files write it: 26, not 26.0.
  static func text(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 0x1p53 ? "\(Int(number))" : "\(number)"
  }

  public func wrong(_ key: String, _ problem: String) -> ModelError {
    ModelError(file: source, problem: "\(key) \(problem)", remedy: "correct it, or use another model")
  }
}
