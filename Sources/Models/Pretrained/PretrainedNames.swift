/// How the names of tensors in a file become those of a model: pure functions of names.
package struct PretrainedNames: Sendable {
  /// An ending that files may have for one of the model's.
  package struct Ending: Sendable {
    let old: String
    let new: String

    package init(_ old: String, _ new: String) { (self.old, self.new) = (old, new) }
  }

  /// How the encoder's tensors begin in the model, such as `bert.`.
  package let prefix: String
  private let endings: [Ending]
  private let others: [String]

  /// - Parameters:
  ///   - prefix: of the family's encoder, with its point.
  ///   - others: what files may have in its place.
  ///   - endings: old spellings of the family.
  package init(prefix: String, others: [String] = [], endings: [Ending] = []) {
    (self.prefix, self.others, self.endings) = (prefix, others, endings)
  }

  /// Those of a family.
  init(_ family: any EncoderFamily.Type) {
    self.init(
      prefix: family.prefix + ".", others: family.otherPrefixes.map { $0 + "." }, endings: Self.gammaAndBeta)
  }

  /// LayerNorm's parameters as TensorFlow calls them, and files of 2019.
  package static let gammaAndBeta = [Ending(".gamma", ".weight"), Ending(".beta", ".bias")]

  /// What programs put before all names: DataParallel, torch.compile, and classes that hold a model.
  private static let wrappers = ["module.", "_orig_mod.", "model."]

  /// The names that a file's tensor may have in the model, best first: as it is, with the encoder's prefix, and both without
  /// what programs put before.
  package func candidates(for name: String) -> [String] {
    var modern = name
    for ending in endings where modern.hasSuffix(ending.old) {
      modern = String(modern.dropLast(ending.old.count)) + ending.new
    }
    var names = [modern, prefix + modern]
    for _ in 0..<3 {
      guard let wrapper = Self.wrappers.first(where: { modern.hasPrefix($0) }) else { break }
      modern = String(modern.dropFirst(wrapper.count))
      names += [modern, prefix + modern]
    }
    for other in others where modern.hasPrefix(other) { names.append(prefix + modern.dropFirst(other.count)) }
    return names
  }

  /// The parts of models that only pre-training needs.
  private static let heads = [
    "cls.predictions", "cls.seq_relationship", "lm_head", "predictions", "sop_classifier", "discriminator_predictions",
    "generator_predictions", "generator_lm_head", "vocab_transform", "vocab_layer_norm", "vocab_projector",
    "lm_predictions", "mask_predictions", "decoder",
  ]

  /// Numbers that are a function of the configuration, which older releases of transformers saved.
  private static let buffers = ["position_ids", "token_type_ids", "inv_freq"]

  /// Whether a tensor of the file is not a parameter.
  package static func isBuffer(_ name: String) -> Bool {
    name.split(separator: ".").last.map { last in buffers.contains { last == $0 } } ?? false
  }

  /// The head of pre-training that a tensor belongs to; nil where it belongs to none.
  package static func pretrainingHead(of name: String) -> String? {
    var rest = name[...]
    while let wrapper = wrappers.first(where: { rest.hasPrefix($0) }) { rest = rest.dropFirst(wrapper.count) }
    return heads.first { rest == $0 || rest.hasPrefix($0 + ".") }
  }
}
