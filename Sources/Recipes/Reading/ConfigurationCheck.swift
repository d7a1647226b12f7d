import Foundation
import Models

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What `model.configuration` may hold: the keys that a model of its kind reads, and those of a `config.json` of
/// transformers that change nothing of what is computed here. All others are errors, as everywhere in a recipe.
struct ConfigurationCheck {
  private let kind: ModelRecipeKind
  private let labels: Int

  init(_ kind: ModelRecipeKind, labels: Int) {
    self.kind = kind
    self.labels = labels
  }

  /// Keys of a `config.json` that say how weights are stored, or what a generating model does: nothing for a classifier.
  private static let ignored: Set<String> = [
    "architectures", "transformers_version", "torch_dtype", "dtype", "use_cache", "pad_token_id", "bos_token_id",
    "eos_token_id", "gradient_checkpointing", "tie_word_embeddings", "_name_or_path",
  ]

  /// Keys whose one value is what is computed.
  private static let fixed = ["is_decoder": "false", "add_cross_attention": "false", "is_encoder_decoder": "false"]

  /// Keys that stand elsewhere in a recipe, and where.
  private static let elsewhere = [
    "num_labels": "is model.labels here; set that, and leave this out",
    "id2label": "names classes, whose names are those in the data; leave it out",
    "label2id": "names classes, whose names are those in the data; leave it out",
    "problem_type": "is not read here; leave it out",
  ]

  /// The largest whole numbers of an image model; beyond them none is meant, and sizes of arrays would not fit a number.
  private static let largestOfImages = [
    "input_channels": 4096, "stem_channels": 65_536, "block_channels": 65_536, "block_strides": 1024,
  ]

  /// - Throws: `RecipeError` that names the key.
  func check(_ values: [String: Any], of section: Section) throws {
    let usual = kind == .textClassifier ? Self.family(values).init() : nil
    let read = Set((usual?.completeJSON ?? ResidualConfiguration().json).keys)
    let largest = usual.map { Dictionary(uniqueKeysWithValues: $0.sizes.map { ($0.key, $0.largest) }) }
    for (key, value) in values.sorted(by: { $0.key < $1.key }) {
      if let problem = Self.elsewhere[key] { throw section.error(key, problem) }
      if let needed = Self.fixed[key] {
        guard String(describing: value) == needed || value is NSNull else {
          throw section.error(key, "is \(value), and only \(needed) can be computed here; leave it out")
        }
        continue
      }
      guard read.contains(key) || Self.ignored.contains(key) else {
        let own = usual.flatMap { type(of: $0).keys.spelling(of: key) }
        throw section.error(
          key,
          "is not a key that a \(kind.rawValue) reads"
            + (own.map { "; did you mean \"\($0)\"?" } ?? suggestion(key, among: read.sorted()))
            + "; known keys: \(read.subtracting(Self.ignored).sorted().joined(separator: ", "))")
      }
      try check(key, value, (largest ?? Self.largestOfImages)[key], section)
    }
    try checkMemory(values, section)
  }

  /// The family that the keys are of; one that is not computed here is refused where they are read.
  private static func family(_ values: [String: Any]) -> any EncoderFamily.Type {
    EncoderFamilies.family(of: values["model_type"] as? String) ?? EncoderFamilies.all[0]
  }

  private func check(_ key: String, _ value: Any, _ largest: Int?, _ section: Section) throws {
    guard let largest else { return }
    for number in value as? [Any] ?? [value] where !(number is NSNull) {
      guard let size = Self.size(number), size >= 1 else {
        throw section.error(key, "is \"\(number)\", which is not a whole number of at least 1; give one")
      }
      guard size <= Double(largest) else { throw section.error(key, "is \(number); give at most \(largest)") }
    }
  }

  private static func size(_ value: Any) -> Double? {
    if let value = value as? Int { return Double(value) }
    // Whole numbers beyond an Int come as other types, or as text.
    return (value as? Double ?? Double("\(value)")).flatMap { $0 == $0.rounded() ? $0 : nil }
  }

  // MARK: Memory

  /// - Throws: `RecipeError` where weights, gradient and moments cannot fit this machine.
  private func checkMemory(_ values: [String: Any], _ section: Section) throws {
    let bytes = 16 * weights(values)
    let memory = Double(min(ProcessInfo.processInfo.physicalMemory, Self.addressSpace))
    guard bytes > memory else { return }
    func gigabytes(_ bytes: Double) -> String { String(format: "%.0f GB", (bytes / 1e9).rounded(.up)) }
    let keys = Self.family(values).keys
    let sizes =
      kind == .textClassifier ? "\(keys.hiddenSize), \(keys.layers) or \(keys.intermediateSize)" : "block_channels"
    throw section.error(
      key(values),
      "makes a model whose weights, gradient and moments take \(gigabytes(bytes)), and this machine has "
        + "\(gigabytes(memory)); lower \(sizes)")
  }

  /// The size that is farthest from a usual one, to be named.
  private func key(_ values: [String: Any]) -> String {
    let usual = kind == .textClassifier ? Self.family(values).init().sizes : []
    let ratios = usual.compactMap { size in
      values[size.key].flatMap(Self.size).map { (size.key, $0 / Double(size.value)) }
    }
    return ratios.max { $0.1 < $1.1 }?.0 ?? values.keys.sorted().first { Self.largestOfImages[$0] != nil } ?? ""
  }

  /// At least so many weights, in floating point, which does not overflow.
  ///
  /// A text model whose keys do not fit each other is refused where they are read.
  private func weights(_ values: [String: Any]) -> Double {
    guard kind == .textClassifier else { return imageWeights(values) }
    let keys = Self.family(values).keys
    // Heads change no count, and words are counted by the vocabulary.
    let counted = [keys.vocabularySize: 1].merging(values) { $1 }.merging([keys.heads: 1]) { $1 }
    guard let family = try? EncoderFamilies.read(counted, source: "") else { return 0 }
    let encoder = family.encoder()
    return encoder.weightCount + Double(labels + encoder.width) * Double(encoder.width)
  }

  private func imageWeights(_ values: [String: Any]) -> Double {
    let usual = ResidualConfiguration()
    func size(_ key: String, _ fallback: Int) -> Double { values[key].flatMap(Self.size) ?? Double(fallback) }
    let blocks = (values["block_channels"] as? [Any])?.compactMap(Self.size) ?? usual.blocks.map { Double($0.channels) }
    let stem = size("stem_channels", usual.stemChannels)
    let convolutions = zip([stem] + blocks, blocks).reduce(0.0) { $0 + 9 * ($1.0 + $1.1) * $1.1 }
    return 9 * size("input_channels", usual.inputChannels) * stem + convolutions + (blocks.last ?? stem)
      * Double(labels)
  }

  /// What the process may address.
  private static var addressSpace: UInt64 {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return .max }
    return UInt64(limit.rlim_cur)
  }
}
