import Checkpoints
import Glibc
import Support
import Text

/// The tensors of several files, which an index names: `{"weight_map": {"TENSOR": "FILE"}}`.
///
/// The files must lie in the folder itself: no path to elsewhere, no symbolic link that leads elsewhere but into the store of
/// files that Hugging Face's cache keeps next to its folders.
enum ShardedWeights {
  static let ending = ".index.json"
  private static let largestIndex = 64 << 20
  private static let mostFiles = 500

  static func tensors(
    index path: String, in folder: String, _ read: (WeightBytes) throws -> [StoredTensor]
  ) throws -> [StoredTensor] {
    let map = try WeightBytes.reading(path) { try weightMap($0.bytes, file: path) }
    var files: [String] = []
    for (_, file) in map where !files.contains(file) {
      files.append(file)
      guard files.count <= mostFiles else {
        throw ModelError(file: path, problem: "names more than \(mostFiles) files", remedy: "save the model in fewer")
      }
    }
    for file in files { try check(file, index: path, folder) }
    var tensors: [StoredTensor] = []
    var owners: [String: String] = [:]
    for file in files.sorted() {
      for tensor in try WeightBytes.reading(folder + "/" + file, read) {
        guard let other = owners.updateValue(file, forKey: tensor.name) else {
          tensors.append(tensor)
          continue
        }
        throw ModelError(
          file: path, problem: "has \(quoted(tensor.name)) in two files, \(quoted(other)) and \(quoted(file))",
          remedy: "download the model again")
      }
    }
    if let (name, file) = map.first(where: { owners[$0.tensor] != $0.file }) {
      throw ModelError(
        file: folder + "/" + file, problem: "lacks \(quoted(name)), which \(path) promises",
        remedy: "download the model again")
    }
    return tensors
  }

  /// Which file has which tensor, in the index's order.
  package static func weightMap(
    _ bytes: UnsafeRawBufferPointer, file: String
  ) throws(ModelError) -> [(tensor: String, file: String)] {
    func wrong(_ problem: String) -> ModelError {
      ModelError(file: file, problem: problem, remedy: "download the file again")
    }
    guard bytes.count <= largestIndex else { throw wrong("has \(bytes.count) bytes, more than any index") }
    let json: JSONValue
    do { json = try JSONParser.parse(bytes.assumingMemoryBound(to: UInt8.self)) } catch {
      throw wrong("is not JSON (\(error))")
    }
    guard let members = json["weight_map"]?.members, !members.isEmpty else {
      throw wrong("has no weight_map that is an object of tensors and files")
    }
    var map: [(tensor: String, file: String)] = []
    var names: Set<String> = []
    for member in members {
      guard let shard = member.value.string else {
        throw wrong("names \(member.value.phrase), not a file, for \(quoted(member.key))")
      }
      guard names.insert(member.key).inserted else { throw wrong("has \(quoted(member.key)) twice") }
      map.append((member.key, shard))
    }
    return map
  }

  /// - Throws: `ModelError` where a file is missing, or does not lie in the folder.
  private static func check(_ name: String, index: String, _ folder: String) throws(ModelError) {
    guard !["", ".", ".."].contains(name), !name.utf8.contains(where: { $0 == 0 || $0 == UInt8(ascii: "/") }) else {
      throw ModelError(
        file: index, problem: "names the file \(quoted(name)), which is not in this folder",
        remedy: "correct the index, or download the model again")
    }
    guard access(folder + "/" + name, F_OK) == 0 else {
      throw ModelError(
        file: folder + "/" + name, problem: "is missing, and \(index) names it", remedy: "download the model whole")
    }
    guard let home = resolved(folder), let target = resolved(folder + "/" + name) else {
      throw ModelError(file: folder + "/" + name, problem: "cannot be found", remedy: "check the folder's permissions")
    }
    guard target.hasPrefix(home + "/") || parent(of: target) == parent(of: parent(of: home)) + "/blobs" else {
      throw ModelError(
        file: folder + "/" + name, problem: "is a link to \(target), outside the folder",
        remedy: "put the file itself into the folder")
    }
  }

  private static func parent(of path: String) -> String {
    String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex))
  }

  /// The path without symbolic links.
  private static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
