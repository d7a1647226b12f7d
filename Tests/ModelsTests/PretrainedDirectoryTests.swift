import Checkpoints
import Foundation
import Layers
import Models
import Tensors
import Testing
import Text

/// Hugging Face directories of text models, as different programs wrote them.
@Suite struct PretrainedDirectoryTests {
  @Test("a checkpoint reads the same with and without the bert. prefix, with old and new names of the norms")
  func spellings() throws {
    try withFolder { folder in
      let original = try Self.state(of: Self.family, seed: 5)
      for (index, rename) in [Self.same, Self.unprefixed, Self.oldNames].enumerated() {
        let path = folder + "/\(index)"
        try Self.write(original, to: path, name: rename)
        let state = try Self.state(of: Self.family, seed: 6)
        let report = try PretrainedDirectory(path: path).load(into: state)
        #expect(report.missing + report.unexpected == [])
        let isSame = state.weights.values.elementsEqual(original.weights.values)
        #expect(isSame, "spelling \(index)")
      }
    }
  }

  @Test("half-precision tensors are read as the nearest Float32", arguments: [ElementType.float16, .bfloat16])
  func halves(type: ElementType) throws {
    try withFolder { folder in
      let original = try Self.state(of: Self.family, seed: 5)
      try Self.write(original, to: folder, type: type)
      let state = try Self.state(of: Self.family, seed: 6)
      _ = try PretrainedDirectory(path: folder).load(into: state)
      let tolerance: Float = type == .float16 ? 1e-3 : 1e-2
      let worst = zip(state.weights.values, original.weights.values).map { abs($0 - $1) / max(abs($1), 0.01) }.max()
      #expect(try #require(worst) < tolerance)
    }
  }

  @Test("a pretrained encoder lacks the head, which is reported; position_ids is ignored, other strangers are reported")
  func differences() throws {
    try withFolder { folder in
      let original = try Self.state(of: Self.family, seed: 5)
      try Self.write(original, to: folder, strangers: ["embeddings.position_ids", "cls.predictions.bias"]) {
        $0.hasPrefix("classifier") ? nil : $0
      }
      let report = try PretrainedDirectory(path: folder).load(into: Self.state(of: Self.family, seed: 6))
      #expect(report.missing == ["classifier.weight", "classifier.bias"])
      #expect(report.unexpected == ["cls.predictions.bias"])
      #expect(report.buffers == ["embeddings.position_ids"])
    }
  }

  @Test("a trained head of a language model is read under old names, and its decoder is the word embeddings")
  func languageModel() throws {
    try withFolder { folder in
      let original = try Self.languageModel(seed: 5)
      try Self.write(
        original, to: folder, strangers: ["cls.predictions.decoder.weight", "cls.seq_relationship.weight"],
        keys: ["architectures": ["BertForMaskedLM"], "tie_word_embeddings": true], name: Self.oldNames)
      let state = try Self.languageModel(seed: 6)
      let directory = try PretrainedDirectory(path: folder)
      try directory.requireTiedWords()
      let report = try directory.load(into: state)
      #expect(report.missing == [] && report.unexpected == ["cls.seq_relationship.weight"])
      let isSame = state.weights.values.elementsEqual(original.weights.values)
      #expect(isSame && directory.vocabularyDescription?.outputs == 11)
      try Self.write(
        original, to: folder, keys: ["architectures": ["BertForMaskedLM"], "tie_word_embeddings": false])
      let untied = try PretrainedDirectory(path: folder)
      #expect(throws: ModelError.self) { try untied.requireTiedWords() }
    }
  }

  @Test("a head that reads something else than the pooled vector is not taken, and reported")
  func foreignHead() throws {
    try withFolder { folder in
      let original = try Self.state(of: Self.family, seed: 5)
      try Self.write(original, to: folder, strangers: ["classifier.weight"]) {
        $0 == "classifier.weight" ? nil : $0
      }
      let directory = try PretrainedDirectory(path: folder)
      let report = try directory.load(into: Self.state(of: Self.family, seed: 6))
      let head = ["classifier.bias", "classifier.weight"]
      #expect(report.missing.sorted() == head && report.unexpected.sorted() == head)
    }
  }

  @Test(
    "a config.json that cannot be computed is refused with its key",
    arguments: [
      ("{\"hidden_act\": \"mish\"}", "hidden_act"), ("{\"model_type\": \"longformer\"}", "model_type"),
      ("{\"hidden_size\": 10, \"num_attention_heads\": 3}", "hidden_size"), ("{\"hidden_size\": 0}", "hidden_size"),
      ("{\"hidden_dropout_prob\": 1.5}", "hidden_dropout_prob"), ("{\"vocab_size\": \"many\"}", "vocab_size"),
      ("[1]", "not a JSON object"), ("{", "not a JSON object"), ("{\"is_decoder\": true}", "is_decoder is true"),
      ("{\"add_cross_attention\": true}", "add_cross_attention is true"),
      ("{\"position_embedding_type\": \"relative_key\"}", "position_embedding_type"),
      ("{\"pruned_heads\": {\"0\": [1]}}", "pruned_heads"),
      ("{\"quantization_config\": {\"bits\": 4}}", "quantization"),
      ("{\"auto_map\": {\"AutoModel\": \"x\"}}", "auto_map"), ("{\"problem_type\": \"ranking\"}", "problem_type"),
      ("{\"model_type\": \"longformer\", \"hidden_act\": \"mish\"}", "model_type is longformer"),
      ("{\"num_hidden_layers\": -1}", "num_hidden_layers is -1"),
      ("{\"num_attention_heads\": 0}", "num_attention_heads"),
      ("{\"type_vocab_size\": 0}", "type_vocab_size"),
      ("{\"max_position_embeddings\": 2}", "max_position_embeddings is 2"),
      ("{\"layer_norm_eps\": -1}", "layer_norm_eps is -1"), ("{\"num_labels\": 0}", "num_labels"),
      ("{\"id2label\": {\"0\": \"a\", \"2\": \"c\"}}", "none for 1"), ("{\"id2label\": {\"1\": \"a\"}}", "none for 0"),
      ("{\"id2label\": {\"0\": \"a\", \"1\": \"a\"}}", "calls two classes a"),
      ("{\"id2label\": {\"x\": \"a\"}}", "the entry \"x\""), ("{\"id2label\": {\"0\": null}}", "the entry \"0\""),
      ("{\"id2label\": [\"a\"]}", "id2label is not an object"),
      ("{\"id2label\": {\"0\": [true]}}", "the entry \"0\""),
      (
        "{\"id2label\": {\"0\": \"a\", \"1\": \"b\"}, \"label2id\": {\"a\": 1, \"b\": 0}}",
        "label2id has 1 for a, and id2label 0"
      ),
    ])
  func configurations(json: String, part: String) throws {
    try withFolder { folder in
      try json.write(toFile: folder + "/config.json", atomically: false, encoding: .utf8)
      let error = #expect(throws: ModelError.self) { try PretrainedDirectory(path: folder) }
      #expect(error?.description.contains(part) == true)
      #expect(error?.description.contains("config.json") == true)
    }
  }

  @Test("what is exported reads back bit for bit, with its classes and its vocabulary")
  func export() throws {
    try withFolder { folder in
      let original = try Self.state(of: Self.family, seed: 5)
      let vocabulary = folder + "/words.txt"
      let words = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n"
      try words.write(toFile: vocabulary, atomically: false, encoding: .utf8)
      let exporter = TextExporter(
        family: Self.family, description: HeadDescription(outputs: 3, names: ["bad", "fair", "good"]),
        tokenizer: try WordPieceTokenizer(vocabulary: Vocabulary(contentsOfFile: vocabulary)), maximumLength: 24)
      try exporter.write(weights: original.weights, buffers: original.buffers, to: folder + "/model")
      let directory = try PretrainedDirectory(path: folder + "/model")
      #expect(directory.family.configuration == Self.family.configuration)
      #expect(directory.labelNames == ["bad", "fair", "good"])
      #expect(try TokenizerFiles(directory: folder + "/model").maximumLength == 24)
      let state = try Self.state(of: Self.family, seed: 6)
      let report = try directory.load(into: state)
      #expect(report.missing + report.unexpected == [])
      let isSame = state.weights.values.elementsEqual(original.weights.values)
      #expect(isSame)
      #expect(try String(contentsOfFile: folder + "/model/vocab.txt", encoding: .utf8) == words)
    }
  }
}

extension PretrainedDirectoryTests {
  private static var family: BERT {
    var bert = BERT()
    bert.configuration.vocabularySize = 11
    bert.configuration.hiddenSize = 8
    bert.configuration.layers = 2
    bert.configuration.heads = 2
    bert.configuration.intermediateSize = 16
    bert.configuration.maximumPositions = 32
    return bert
  }

  private static func state(of family: BERT, seed: UInt64) throws -> ModelState {
    ModelState(TextClassifier(family, labels: 3), seed: seed)
  }

  private static func languageModel(seed: UInt64) throws -> ModelState {
    ModelState(TextClassifier(Self.family, labels: 0, head: Self.family.vocabularyHead), seed: seed)
  }

  private static func same(_ name: String) -> String? { name }

  private static func unprefixed(_ name: String) -> String? {
    name.hasPrefix("bert.") ? String(name.dropFirst("bert.".count)) : name
  }

  private static func oldNames(_ name: String) -> String? {
    name.replacingOccurrences(of: "LayerNorm.weight", with: "LayerNorm.gamma")
      .replacingOccurrences(of: "LayerNorm.bias", with: "LayerNorm.beta")
  }

  /// Writes a directory whose tensors have other names, or another format, or company.
  private static func write(
    _ state: ModelState, to path: String, type: ElementType = .float32, strangers: [String] = [],
    keys: [String: Any] = [:], name rename: (String) -> String? = Self.same
  ) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    var contents: [(name: String, shape: [Int], bytes: [UInt8])] = []
    for slice in state.layout.slices {
      guard let name = rename(slice.name), let values = state.weights[slice.name] else { continue }
      contents.append((name, slice.shape.dimensions, values.flatMap { bytes(of: $0, as: type) }))
    }
    contents += strangers.map { ($0, [1], bytes(of: 1, as: type)) }
    let memory = contents.map { content in
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: content.bytes.count, alignment: 8)
      buffer.copyBytes(from: content.bytes)
      return buffer
    }
    defer { for buffer in memory { buffer.deallocate() } }
    var writer = SafetensorsWriter()
    for (content, buffer) in zip(contents, memory) {
      writer.add(content.name, type, shape: content.shape, UnsafeRawBufferPointer(buffer))
    }
    try writer.write(to: path + "/model.safetensors")
    let json = try JSONSerialization.data(withJSONObject: family.completeJSON.merging(keys) { $1 })
    try json.write(to: URL(filePath: path + "/config.json"))
  }

  private static func bytes(of value: Float, as type: ElementType) -> [UInt8] {
    switch type {
    case .float16: withUnsafeBytes(of: Float16(value).bitPattern.littleEndian, Array.init)
    case .bfloat16: withUnsafeBytes(of: UInt16(truncatingIfNeeded: value.bitPattern >> 16).littleEndian, Array.init)
    default: withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init)
    }
  }

  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lockstep-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }
}
