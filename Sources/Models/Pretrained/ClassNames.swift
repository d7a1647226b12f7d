import Foundation

/// The names of a classifier's classes in a `config.json`.
enum ClassNames {
  /// The names in the order of their numbers, as transformers sorts them; a number as a name is its digits.
  /// - Throws: `ModelError` where a number is missing or a name is there twice.
  static func read(_ json: [String: Any], source: String) throws -> [String]? {
    guard let value = json["id2label"], !(value is NSNull) else { return nil }
    func wrong(_ problem: String, _ remedy: String) -> ModelError {
      ModelError(file: source, problem: "id2label \(problem)", remedy: remedy)
    }
    guard let table = value as? [String: Any], !table.isEmpty else {
      throw wrong("is not an object of numbers and names", "write it as {\"0\": \"…\", \"1\": \"…\"}")
    }
    var names: [Int: String] = [:]
    for (key, value) in table {
      guard let number = Int(key), let name = name(value), names.updateValue(name, forKey: number) == nil else {
        throw wrong("has the entry \"\(key)\": \(value)", "give each class a number from 0 on and a name")
      }
    }
    if let gap = (0..<names.count).first(where: { names[$0] == nil }) {
      throw wrong("has \(names.count) names and none for \(gap)", "number the classes from 0 without a gap")
    }
    let ordered = (0..<names.count).compactMap { names[$0] }
    var seen = Set<[UInt8]>()
    if let twice = ordered.first(where: { !seen.insert(Array($0.utf8)).inserted }) {
      throw wrong("calls two classes \(twice)", "give each class its own name")
    }
    return ordered
  }

  private static func name(_ value: Any) -> String? {
    if let text = value as? String { return text }
    if let number = value as? NSNumber { return number.stringValue }
    return nil
  }
}
