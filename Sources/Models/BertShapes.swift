import Checkpoints

/// The sizes of a BERT model as the tensors in its file have them, which cost no memory to look at.
struct BertShapes {
  private let file: PretrainedWeights
  private let shapes: [String: [Int]]
  /// The rows of the head, one a class; nil where the file has no head, or one that reads something else than the pooled vector.
  let labels: Int?

  init(_ file: PretrainedWeights) {
    self.file = file
    let pairs = file.entries.flatMap { entry in
      BertDirectory.candidates(for: entry.name).map { ($0, entry.shape) }
    }
    shapes = Dictionary(pairs) { first, _ in first }
    let width = shapes["bert.embeddings.word_embeddings.weight"]?.last
    labels = shapes["classifier.weight"].flatMap { $0.count == 2 && $0[1] == width ? $0[0] : nil }
  }

  /// Compares every size in a configuration with the tensors.
  /// - Parameter source: the configuration's file.
  /// - Throws: `ModelError` that names key and tensor.
  func check(_ configuration: BertConfiguration, source: String) throws {
    let embeddings = "bert.embeddings."
    let sizes: [(key: String, value: Int, tensor: String, axis: Int)] = [
      ("vocab_size", configuration.vocabularySize, embeddings + "word_embeddings.weight", 0),
      ("hidden_size", configuration.hiddenSize, embeddings + "word_embeddings.weight", 1),
      ("max_position_embeddings", configuration.maximumPositions, embeddings + "position_embeddings.weight", 0),
      ("type_vocab_size", configuration.typeVocabularySize, embeddings + "token_type_embeddings.weight", 0),
      ("num_hidden_layers", configuration.layers, "", 0),
      (
        "intermediate_size", configuration.intermediateSize, "bert.encoder.layer.0.intermediate.dense.weight", 0
      ),
    ]
    for (key, value, tensor, axis) in sizes {
      if tensor.isEmpty {
        try checkLayers(value, source: source)
        continue
      }
      guard let shape = shapes[tensor] else {
        throw ModelError(
          file: file.path, problem: "lacks \(tensor)", remedy: "use the config.json that belongs to these weights")
      }
      guard shape.count == 2, shape[axis] == value else {
        throw ModelError(
          file: source, problem: "\(key) is \(value), and \(tensor) in \(file.path) has shape \(shape)",
          remedy: "use the config.json that belongs to these weights")
      }
    }
  }

  private func checkLayers(_ layers: Int, source: String) throws {
    guard let missing = (0..<layers).first(where: { shapes[Self.query($0)] == nil }) else { return }
    throw ModelError(
      file: source, problem: "num_hidden_layers is \(layers), and \(file.path) lacks \(Self.query(missing))",
      remedy: "use the config.json that belongs to these weights")
  }

  private static func query(_ layer: Int) -> String { "bert.encoder.layer.\(layer).attention.self.query.weight" }
}
