import Foundation
import Yams

/// The OpenAPI schema of a Kubernetes resource definition, and what a manifest has against it.
struct ResourceSchema {
  private let root: [String: Any]

  /// - Parameter definition: the path of a gzipped CustomResourceDefinition.
  init(gzipped definition: String, version: String) throws {
    let text = try Shell.run("gzip", ["-dc", definition]).output
    let versions = ((try Yams.load(yaml: text) as? [String: Any])?["spec"] as? [String: Any])?["versions"]
    let wanted = (versions as? [[String: Any]])?.first { $0["name"] as? String == version }
    guard let schema = (wanted?["schema"] as? [String: Any])?["openAPIV3Schema"] as? [String: Any] else {
      throw CocoaError(.fileReadCorruptFile)
    }
    root = schema
  }

  /// What does not fit, each with the path of the key; unknown keys count, since the server drops them without a word.
  func problems(in manifest: [String: Any]) -> [String] { problems(manifest, root, "") }

  private func problems(_ value: Any, _ schema: [String: Any], _ path: String) -> [String] {
    if schema["x-kubernetes-int-or-string"] as? Bool == true {
      return value is Int || value is String ? [] : ["\(path): no number and no text"]
    }
    switch schema["type"] as? String {
    case "object": return object(value, schema, path)
    case "array":
      guard let list = value as? [Any] else { return ["\(path): no list"] }
      let items = schema["items"] as? [String: Any] ?? [:]
      return list.enumerated().flatMap { problems($1, items, "\(path)[\($0)]") }
    case "string":
      guard let text = value as? String else { return ["\(path): no text"] }
      let allowed = schema["enum"] as? [String] ?? [text]
      return allowed.contains(text) ? [] : ["\(path): \(text) is none of \(allowed)"]
    case "integer": return value is Int ? bounds(value as? Int ?? 0, schema, path) : ["\(path): no integer"]
    case "boolean": return value is Bool ? [] : ["\(path): neither true nor false"]
    default: return []
    }
  }

  private func bounds(_ value: Int, _ schema: [String: Any], _ path: String) -> [String] {
    if let minimum = schema["minimum"] as? Int, value < minimum { return ["\(path): below \(minimum)"] }
    if let maximum = schema["maximum"] as? Int, value > maximum { return ["\(path): above \(maximum)"] }
    return []
  }

  private func object(_ value: Any, _ schema: [String: Any], _ path: String) -> [String] {
    guard let object = value as? [String: Any] else { return ["\(path): no object"] }
    let known = schema["properties"] as? [String: [String: Any]]
    let others = schema["additionalProperties"] as? [String: Any]
    let missing = (schema["required"] as? [String] ?? []).filter { object[$0] == nil }
    return missing.map { "\(path).\($0): missing" }
      + object.sorted { $0.key < $1.key }.flatMap { key, value -> [String] in
        if let property = known?[key] ?? others { return problems(value, property, "\(path).\(key)") }
        return known == nil ? [] : ["\(path).\(key): unknown"]
      }
  }
}
