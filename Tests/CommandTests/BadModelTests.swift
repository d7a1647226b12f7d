import Foundation
import Testing

@Suite("A model that cannot be used is refused")
struct BadModelTests {
  /// A model made by one step of training, damaged, as `model.from`.
  private static func damaged(
    _ what: String, says mentions: String..., by damage: @escaping @Sendable (TrainedModel) throws -> Void
  ) -> BadInput {
    var input = BadInput(what) { run in
      let model = try TrainedModel(in: run)
      try damage(model)
      try run.folder.write(model.recipe, to: run.recipe)
    }
    input.mentions = mentions
    return input
  }

  private static let weight = "bert.encoder.layer.0.attention.self.query.weight"
  private static let bias = "bert.encoder.layer.0.attention.self.query.bias"

  static let inputs: [BadInput] = [
    damaged("no weights", says: "base/model.safetensors") { try $0.folder.remove("base/model.safetensors") },
    damaged("empty weights", says: "base/model.safetensors") { try $0.write([]) },
    damaged("weights cut in half", says: "base/model.safetensors") { model in
      try model.write(model.weights.prefix(model.weights.count / 2))
    },
    damaged("weights without their last byte", says: "base/model.safetensors") { try $0.write($0.weights.dropLast()) },
    damaged("weights with bytes left over", says: "base/model.safetensors") { try $0.write($0.weights + [0]) },
    damaged("a header of 2^63 bytes", says: "base/model.safetensors") { try $0.write($0.replacingLength(1 << 63)) },
    damaged("a header longer than the file", says: "base/model.safetensors") { model in
      try model.write(model.replacingLength(1 << 40))
    },
    damaged("a header that is no JSON", says: "base/model.safetensors") { try $0.write($0.replacingLength(9)) },
    damaged("tensors that overlap", says: "base/model.safetensors", "overlaps") { model in
      try model.changeTensor(bias) { $0["data_offsets"] = [0, 128] }
    },
    damaged("a tensor beyond the file", says: "base/model.safetensors", bias) { model in
      try model.changeTensor(bias) { $0["data_offsets"] = [1 << 40, 1 << 40 + 128] }
    },
    damaged("offsets whose difference overflows", says: "base/model.safetensors", "2^63") { model in
      try model.changeTensor(bias) { $0["data_offsets"] = [UInt64.max - 63, 64] }
    },
    damaged("a shape whose product overflows", says: "base/model.safetensors", weight) { model in
      try model.changeTensor(weight) { $0["shape"] = [1 << 62, 16] }
    },
    damaged("a shape that does not fit its bytes", says: "base/model.safetensors", weight) { model in
      try model.changeTensor(weight) { $0["shape"] = [32, 31] }
    },
    damaged("an unknown element type", says: "base/model.safetensors", weight) { model in
      try model.changeTensor(weight) { $0["dtype"] = "F31" }
    },
    damaged("no configuration", says: "base/config.json") { try $0.folder.remove("base/config.json") },
    damaged("a configuration that is no JSON", says: "base/config.json") { model in
      try model.folder.write("{", to: "base/config.json")
    },
    damaged("a width that the weights do not have", says: "base/model.safetensors", "shape") { model in
      try model.changeConfiguration("hidden_size", to: 64)
    },
    damaged("a layer that the weights do not have", says: "base/model.safetensors", "bert.encoder.layer.2") { model in
      try model.changeConfiguration("num_hidden_layers", to: 3)
    },
    damaged("fewer tokens than the vocabulary has", says: "vocab") { model in
      try model.changeConfiguration("vocab_size", to: 30_000)
    },
    damaged("an activation that is not computed here", says: "base/config.json", "hidden_act") { model in
      try model.changeConfiguration("hidden_act", to: "mish")
    },
    damaged("another architecture", says: "base/config.json", "model_type") { model in
      try model.changeConfiguration("model_type", to: "gpt2")
    },
    damaged("a head of another number of classes that is to be kept", says: "model.head_weights", "model.labels is 3") {
      model in
      model.recipe = model.recipe.replacingOccurrences(of: "labels: 2", with: "labels: 3\n  head_weights: keep")
    },
    damaged("a head of another shape that is to be kept", says: "model.head_weights", "no classifier.weight that fits")
    {
      model in
      try model.changeTensor("classifier.weight") { $0["shape"] = [2, 8, 4] }
      model.recipe = model.recipe.replacingOccurrences(of: "labels: 2", with: "labels: 2\n  head_weights: keep")
    },
    damaged("more tokens of a row than positions", says: "tiny.yaml", "data.maximum_length", "600", "512") { model in
      model.recipe = model.recipe.replacingOccurrences(of: "maximum_length: 24", with: "maximum_length: 600")
    },
    BadInput(
      "more tokens of a row than RoBERTa counts", says: "data.maximum_length is 30", "rows of 25 tokens",
      "max_position_embeddings 26, which counts from the id after padding's", "give at most 25"
    ) { run in
      try run.changeRecipe("{hidden_size: 32,", "{model_type: roberta, max_position_embeddings: 26, hidden_size: 32,")
      try run.changeRecipe("maximum_length: 24", "maximum_length: 30")
    },
    damaged("pairs for a model of one segment", says: "data.columns.pair", "type_vocab_size 1") { model in
      try model.changeConfiguration("type_vocab_size", to: 1)
      try model.changeTensor("bert.embeddings.token_type_embeddings.weight") { tensor in
        tensor["shape"] = [1, 64]
      }
      model.recipe = model.recipe.replacingOccurrences(of: "{text: sentence,", with: "{text: sentence, pair: label,")
    },
    damaged("a decoder", says: "base/config.json", "is_decoder") { model in
      try model.changeConfiguration("is_decoder", to: true)
    },
    damaged("added tokens beyond the embedding", says: "base/", "the added token <x> the id 30522") { model in
      let json = "{\"added_tokens_decoder\": {\"30522\": {\"content\": \"<x>\"}}}"
      try model.folder.write(json, to: "base/tokenizer_config.json")
    },
    damaged("the tokenizer of another family", says: "base/tokenizer_config.json", "RobertaTokenizer") { model in
      try model.folder.write("{\"tokenizer_class\": \"RobertaTokenizer\"}", to: "base/tokenizer_config.json")
    },
    damaged("weights in another format", says: "pytorch_model.bin", "rename it model.safetensors") { model in
      try FileManager.default.moveItem(
        atPath: model.folder.path + "/base/model.safetensors", toPath: model.folder.path + "/base/pytorch_model.bin")
    },
    damaged("weights that are not numbers", says: "base/model.safetensors", "not finite") { model in
      try model.write(model.weights.dropLast(4) + [0, 0, 0xC0, 0x7F])
    },
    damaged("a run's folder", says: "folder of a run", "first/models/best") { model in
      model.recipe = model.recipe.replacingOccurrences(of: "from: base", with: "from: first")
    },
    damaged("no vocabulary", says: "base: neither tokenizer.json nor vocab.txt") {
      try $0.folder.remove("base/vocab.txt")
    },
    BadInput("no folder", says: "nowhere: does not exist") { run in
      try run.changeRecipe("vocabulary: vocab.txt", "from: nowhere")
      let lines = try run.folder.read(run.recipe).split(separator: "\n").filter { !$0.contains("configuration:") }
      try run.folder.write(lines.joined(separator: "\n"), to: run.recipe)
    },
  ]

  @Test("by the name of its file", arguments: inputs)
  func model(_ input: BadInput) throws { try input.expectRefusal() }
}

/// A model's folder, `base`, to be damaged.
final class TrainedModel {
  let folder: TemporaryFolder
  /// The recipe that starts from it.
  var recipe: String
  let weights: [UInt8]

  init(in run: TinyRun) throws {
    folder = run.folder
    let outcome = try run.train("--output", "first", "--set", "steps=1", "--set", "schedule.warmup=0").run()
    try #require(outcome.status == 0, "\(outcome.error)")
    try FileManager.default.moveItem(atPath: folder.path + "/first/models/last", toPath: folder.path + "/base")
    let lines = try folder.read(run.recipe).split(separator: "\n").filter { !$0.contains("configuration:") }
    recipe = lines.joined(separator: "\n").replacingOccurrences(of: "vocabulary: vocab.txt", with: "from: base")
    weights = [UInt8](try Data(contentsOf: URL(filePath: folder.path + "/base/model.safetensors")))
  }

  func write(_ bytes: some Sequence<UInt8>) throws { try folder.write(Array(bytes), to: "base/model.safetensors") }

  /// The weights with another length of the header, which is true of nothing.
  func replacingLength(_ length: UInt64) -> [UInt8] { Self.bytes(of: length) + weights.dropFirst(8) }

  /// Rewrites the header's entry of one tensor.
  func changeTensor(_ name: String, _ change: (inout [String: Any]) -> Void) throws {
    let length = (0..<8).reduce(0) { $0 | Int(weights[$1]) << ($1 * 8) }
    var header = try object(String(decoding: weights[8..<8 + length], as: UTF8.self))
    var tensor = try #require(header[name] as? [String: Any])
    change(&tensor)
    header[name] = tensor
    let changed = [UInt8](try JSONSerialization.data(withJSONObject: header))
    try write(Self.bytes(of: UInt64(changed.count)) + changed + weights[(8 + length)...])
  }

  func changeConfiguration(_ key: String, to value: Any) throws {
    var configuration = try folder.json("base/config.json")
    configuration[key] = value
    try folder.write([UInt8](try JSONSerialization.data(withJSONObject: configuration)), to: "base/config.json")
  }

  private static func bytes(of number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
  }
}
