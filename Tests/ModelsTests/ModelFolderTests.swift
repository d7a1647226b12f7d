import Checkpoints
import Foundation
import Layers
import Models
import Tensors
import Testing
import Text

/// Folders whose parts do not belong together, and folders that are something else than a model's.
@Suite struct ModelFolderTests {
  static let family: BERT = {
    var bert = BERT()
    bert.configuration.vocabularySize = 11
    bert.configuration.hiddenSize = 8
    bert.configuration.layers = 2
    bert.configuration.heads = 2
    bert.configuration.intermediateSize = 16
    bert.configuration.maximumPositions = 32
    return bert
  }()

  private static let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b"]

  /// A model of three classes, exported, with changes to its config.json; null removes a key.
  private func withModel(
    _ changes: [String: Any] = [:], labels: Int = 3, _ body: (String) throws -> Void
  ) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lockstep-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Self.words.joined(separator: "\n").write(toFile: folder + "/words.txt", atomically: false, encoding: .utf8)
    let state = ModelState(TextClassifier(Self.family, labels: labels), seed: 5)
    let tokenizer = try WordPieceTokenizer(vocabulary: Vocabulary(contentsOfFile: folder + "/words.txt"))
    try TextExporter(
      family: Self.family, description: HeadDescription(outputs: labels), tokenizer: tokenizer, maximumLength: 24
    ).write(weights: state.weights, buffers: state.buffers, to: folder + "/model")
    let file = URL(filePath: folder + "/model/config.json")
    var json = try #require(JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    for (key, value) in changes { json[key] = value is NSNull ? nil : value }
    try JSONSerialization.data(withJSONObject: json).write(to: file)
    try body(folder + "/model")
  }

  @Test(
    "A size in config.json that the weights do not have is refused before memory is asked for",
    arguments: [
      "vocab_size", "hidden_size", "num_hidden_layers", "intermediate_size", "max_position_embeddings",
      "type_vocab_size",
    ], [1 << 30, 100_000, 6])
  func sizes(key: String, value: Int) throws {
    try withModel([key: value]) { folder in
      let start = ContinuousClock.now
      let error = #expect(throws: ModelError.self) { try PretrainedDirectory(path: folder) }
      #expect(ContinuousClock.now - start < .seconds(30))
      #expect(
        error?.description.contains("config.json: \(key) is \(value), and") == true, "\(String(describing: error))")
    }
  }

  @Test("Without id2label the classes have the names that transformers gives them, as many as the head has rows")
  func names() throws {
    try withModel(["id2label": NSNull(), "label2id": NSNull()]) { folder in
      let directory = try PretrainedDirectory(path: folder)
      #expect(directory.labelNames == ["LABEL_0", "LABEL_1", "LABEL_2"])
      #expect(directory.headLabels == 3)
    }
    try withModel(["id2label": ["2": "c", "0": "a", "1": "b"]]) { folder in
      let names = try PretrainedDirectory(path: folder).labelNames
      #expect(names == ["a", "b", "c"])
    }
    try withModel(["id2label": ["0": 1, "1": 2, "2": 3]]) { folder in
      let names = try PretrainedDirectory(path: folder).labelNames
      #expect(names == ["1", "2", "3"])
    }
    // JSON's booleans are the words that a table of JSON rows has for them, not 1 and 0.
    try withModel(["id2label": ["0": false, "1": true, "2": 1]]) { folder in
      let names = try PretrainedDirectory(path: folder).labelNames
      #expect(names == ["false", "true", "1"])
    }
    try withModel(["id2label": NSNull(), "num_labels": 3]) { folder in
      let names = try PretrainedDirectory(path: folder).labelNames
      #expect(names?.count == 3)
    }
  }

  @Test("Labels that disagree with the head are refused")
  func labels() throws {
    try withModel(["id2label": ["0": "a", "1": "b"]]) { folder in
      let error = #expect(throws: ModelError.self) { try PretrainedDirectory(path: folder) }
      #expect(error?.description.contains("id2label has 2 names") == true, "\(String(describing: error))")
    }
    try withModel(["num_labels": 2]) { folder in
      let error = #expect(throws: ModelError.self) { try PretrainedDirectory(path: folder) }
      #expect(error?.description.contains("num_labels is 2, and the head") == true, "\(String(describing: error))")
    }
  }

  @Test(
    "Weights that are not finite are refused with the tensor's name", arguments: [Float.nan, .infinity, -.infinity])
  func notFinite(value: Float) throws {
    try withModel { folder in
      let state = ModelState(TextClassifier(Self.family, labels: 3), seed: 5)
      try #require(state.weights["bert.pooler.dense.bias"])[2] = value
      let tokenizer = try WordPieceTokenizer(directory: folder)
      try TextExporter(
        family: Self.family, description: HeadDescription(outputs: 3), tokenizer: tokenizer, maximumLength: 24
      ).write(weights: state.weights, buffers: state.buffers, to: folder)
      let error = #expect(throws: ModelError.self) {
        try PretrainedDirectory(path: folder).load(
          into: ModelState(TextClassifier(Self.family, labels: 3), seed: 6))
      }
      #expect(error?.description.contains("bert.pooler.dense.bias") == true)
    }
  }

  @Test("Ids beyond the word embedding are refused, of the vocabulary and of added tokens")
  func identifiers() throws {
    try withModel { folder in
      let directory = try PretrainedDirectory(path: folder)
      try directory.checkIDs(of: WordPieceTokenizer(directory: folder))
      func tokenizer(_ added: Int) throws -> WordPieceTokenizer {
        let tokens = (0..<added).map { "\"<\($0)>\": \(Self.words.count + $0)" }.joined(separator: ", ")
        try "{\(tokens)}".write(toFile: folder + "/added_tokens.json", atomically: false, encoding: .utf8)
        try "{}".write(toFile: folder + "/tokenizer_config.json", atomically: false, encoding: .utf8)
        return try WordPieceTokenizer(directory: folder)
      }
      try directory.checkIDs(of: tokenizer(4))
      let added = #expect(throws: ModelError.self) { try directory.checkIDs(of: tokenizer(5)) }
      #expect(added?.description.contains("the added token <4> the id 11") == true)
      let words = (Self.words + (0..<5).map { "w\($0)" }).joined(separator: "\n")
      try words.write(toFile: folder + "/vocab.txt", atomically: false, encoding: .utf8)
      try "{}".write(toFile: folder + "/added_tokens.json", atomically: false, encoding: .utf8)
      let longer = #expect(throws: ModelError.self) {
        try directory.checkIDs(of: WordPieceTokenizer(directory: folder))
      }
      #expect(longer?.description.contains("vocab.txt: has 12 tokens, and the model's vocab_size is 11") == true)
    }
  }

  @Test("A folder that is not a model's says what it is and what to give")
  func otherFolders() throws {
    func refusal(_ path: String) -> String {
      do {
        _ = try PretrainedDirectory(path: path)
        return "accepted"
      } catch { return "\(error)" }
    }
    try withModel { folder in
      let parent = (folder as NSString).deletingLastPathComponent
      #expect(refusal(folder + "/nothing").contains("does not exist"))
      #expect(refusal(folder + "/vocab.txt").contains("is a file, not a model's folder"))
      #expect(refusal(parent).contains("config.json: is missing"))
      let files = FileManager.default
      try files.createDirectory(atPath: parent + "/run/models", withIntermediateDirectories: true)
      try files.copyItem(atPath: folder, toPath: parent + "/run/models/best")
      #expect(
        refusal(parent + "/run").hasSuffix("is the folder of a run, not of a model; give \(parent)/run/models/best"))
      #expect(refusal(parent + "/run/models").hasSuffix("give \(parent)/run/models/best"))
      for (other, part) in [
        ("tf_model.h5", "convert it with transformers 4"), ("flax_model.msgpack", "from_flax=True"),
        ("pytorch_model.bin", "is not a file that torch.save wrote"), ("adapter_model.safetensors", "only an adapter"),
        ("model.safetensors.index.json", "is not JSON"),
      ] {
        try? files.removeItem(atPath: folder + "/model.safetensors")
        try "x".write(toFile: folder + "/" + other, atomically: false, encoding: .utf8)
        #expect(refusal(folder).contains(other) && refusal(folder).contains(part), "\(refusal(folder))")
        try files.removeItem(atPath: folder + "/" + other)
      }
      #expect(refusal(folder).contains("model.safetensors: is missing"))
    }
    try withModel(["model_type": "longformer", "hidden_act": "mish"]) { folder in
      #expect(performing: { try ModelKind(of: folder) }, throws: { "\($0)".contains("model_type is longformer") })
    }
  }
}
