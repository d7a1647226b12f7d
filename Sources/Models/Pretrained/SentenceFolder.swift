import Foundation
import Support

/// What a folder of sentence-transformers says of the vector of a text, besides its encoder.
///
///     modules.json                  the encoder, the pooling, perhaps a norm
///     1_Pooling/config.json         which vector: the first token's, the mean, the largest of each column
///     sentence_bert_config.json     tokens of a text
public struct SentenceFolder {
  public let head: HeadDesign
  /// Tokens of a text; nil where it does not say.
  public let maximumLength: Int?

  init(head: HeadDesign, maximumLength: Int?) { (self.head, self.maximumLength) = (head, maximumLength) }

  /// The pooling that each key stands for.
  private static let modes: [(key: String, pooling: HeadDesign.Pooling)] = [
    ("pooling_mode_cls_token", .first), ("pooling_mode_mean_tokens", .mean), ("pooling_mode_max_tokens", .max),
  ]

  /// Poolings that such a folder can name.
  public static var poolings: [HeadDesign.Pooling] { modes.map(\.pooling) }

  private static let list = "modules.json"
  private static let lengths = "sentence_bert_config.json"

  // MARK: Reading

  /// Nil where the folder has no `modules.json`.
  ///
  /// - Parameter width: columns of the encoder's vectors.
  /// - Throws: `ModelError` where it asks for what is not computed here.
  init?(path: String, width: Int) throws {
    let file = path + "/" + Self.list
    guard FileReader.exists(file) else { return nil }
    guard let modules = Self.json(file) as? [[String: Any]] else {
      throw ModelError(file: file, problem: "is not a list of modules", remedy: "download it again")
    }
    var pooling: HeadDesign.Pooling?
    var isNormalized = false
    for (place, module) in modules.enumerated() {
      let (type, folder) = (module["type"] as? String ?? "null", module["path"] as? String ?? "")
      switch (place, type.split(separator: ".").last) {
      case (0, "Transformer") where folder.isEmpty: continue
      case (1, "Pooling") where !folder.hasPrefix("/") && !folder.contains(".."):
        pooling = try Self.pooling("\(path)/\(folder)/config.json", width: width)
      case (2, "Normalize"): isNormalized = true
      default:
        throw ModelError(
          file: file, problem: "asks for \(type) at \(folder.debugDescription), which is not computed here",
          remedy: "use a model of an encoder, a pooling and perhaps a norm")
      }
    }
    guard let pooling else {
      throw ModelError(file: file, problem: "names no pooling", remedy: "download it again")
    }
    head = .vectors(pooling, isNormalized: isNormalized)
    let lengths = Self.json(path + "/" + Self.lengths) as? [String: Any]
    maximumLength = (lengths?["max_seq_length"] as? Int).flatMap { $0 > 0 ? $0 : nil }
  }

  private static func json(_ file: String) -> Any? {
    FileReader.contents(file, atMost: 1 << 20).flatMap { try? JSONSerialization.jsonObject(with: Data($0)) }
  }

  private static func pooling(_ file: String, width: Int) throws -> HeadDesign.Pooling {
    guard let json = json(file) as? [String: Any] else {
      throw ModelError(
        file: file, problem: "is missing, or not a JSON object",
        remedy: "give the whole folder of the model, with its folders")
    }
    if let columns = json["word_embedding_dimension"] as? Int, columns != width {
      throw ModelError(
        file: file, problem: "word_embedding_dimension is \(columns), and the encoder's vectors have \(width) columns",
        remedy: "use the files that belong together")
    }
    let asked = json.filter { $0.key.hasPrefix("pooling_mode_") && $0.value as? Bool == true }.map(\.key).sorted()
    guard asked.count == 1, let mode = modes.first(where: { $0.key == asked[0] }) else {
      throw ModelError(
        file: file,
        problem: asked.isEmpty
          ? "names no pooling" : "asks for \(asked.joined(separator: " and ")), which is not computed here",
        remedy: "use a model with one of \(modes.map(\.key).joined(separator: ", "))")
    }
    return mode.pooling
  }

  // MARK: Writing

  /// - Parameter width: columns of the encoder's vectors.
  func write(to folder: ModelFolder, width: Int) throws {
    let pooling = try ModelFolder(creating: folder.path + "/1_Pooling")
    var modes: [String: Any] = ["word_embedding_dimension": width, "pooling_mode_mean_sqrt_len_tokens": false]
    for mode in Self.modes { modes[mode.key] = mode.pooling == head.pooling }
    try pooling.writeJSON(modes, to: "config.json")
    if let maximumLength {
      let lengths: [String: Any] = ["max_seq_length": maximumLength, "do_lower_case": false]
      try folder.writeJSON(lengths, to: Self.lengths)
    }
    var modules = [("", "Transformer"), ("1_Pooling", "Pooling")]
    if head.isNormalized { modules.append(("2_Normalize", "Normalize")) }
    try folder.writeJSON(
      modules.enumerated().map { index, module in
        [
          "idx": index, "name": String(index), "path": module.0,
          "type": "sentence_transformers.models.\(module.1)",
        ] as [String: Any]
      }, to: Self.list)
  }
}
