import Data
import Layers
import Tensors

/// A family of encoders, such as BERT: how its members are configured, computed and named. A value is one of its members.
///
/// A family is one file in Encoders and a line of `EncoderFamilies`; no other file names it.
public protocol EncoderFamily: Sendable {
  /// `model_type` of a `config.json`.
  static var modelTypes: [String] { get }
  static var architectures: Architectures { get }
  /// How it spells the keys of common sizes and probabilities.
  static var keys: EncoderConfiguration.Keys { get }
  /// How the names of the encoder's tensors begin in a checkpoint of a classifier, without the dot.
  static var prefix: String { get }
  /// What other programs write instead of `prefix`.
  static var otherPrefixes: [String] { get }

  /// The member that a configuration means where it says nothing.
  init()

  /// Reads the keys of a `config.json`, or of a recipe's `model.configuration`.
  /// - Throws: `ModelError` that names the key, also where a key asks for what is not computed here.
  init(json: [String: Any], source: String) throws

  /// Every key that changes what is computed, as transformers writes them, besides `model_type` and `architectures`.
  var json: [String: Any] { get }

  /// The sizes and probabilities that families have in common.
  var configuration: EncoderConfiguration { get set }

  /// The sizes among the keys, the largest that make sense, and the tensors that have them.
  var sizes: [EncoderSize] { get }

  /// Tokens of the longest row.
  var mostTokens: Int { get }

  /// An encoder with parameters that are bound to no memory yet.
  func encoder() -> any TokenEncoder

  /// The head that its classifiers have in transformers.
  var head: HeadDesign { get }

  /// The head that its classifiers of tokens have in transformers.
  var wordHead: HeadDesign { get }

  /// The head that its models for answers in a text have in transformers: two scores a token.
  var spanHead: HeadDesign { get }

  /// The head that its language models have in transformers: it scores the vocabulary at each token that is masked.
  var vocabularyHead: HeadDesign { get }

  /// The layer behind the first token that was trained with the encoder; nil where there is none.
  var pooler: HeadLayer? { get }

  /// What transformers keeps with the weights though it never changes; none for most.
  var constants: [ConstantTensor] { get }
}

extension EncoderFamily {
  public static var keys: EncoderConfiguration.Keys { EncoderConfiguration.Keys() }

  public static var otherPrefixes: [String] { [] }

  public var constants: [ConstantTensor] { [] }

  /// Dropout, and a map to the tags.
  public var wordHead: HeadDesign { .words(dropouts: [configuration.headDropout]) }

  /// A map to two scores.
  public var spanHead: HeadDesign { .words(dropouts: [0], scores: "qa_outputs") }

  /// The head of rows whose words or tokens are scored; nil where rows are.
  public func partHead(_ layout: RowLayout) -> HeadDesign? {
    switch layout {
    case .words: wordHead
    case .spans: spanHead
    default: nil
    }
  }

  /// The head of a class of transformers, by its name.
  func head(ofArchitecture name: String?) -> HeadDesign {
    if name?.hasSuffix(Architectures.ofTokens) == true { return wordHead }
    return name?.hasSuffix(Architectures.ofSpans) == true ? spanHead : head
  }

  public var sizes: [EncoderSize] { configuration.sizes(Self.keys) }

  public var mostTokens: Int { configuration.maximumPositions }

  /// The keys of its `config.json`, without those of a head and of classes.
  public var completeJSON: [String: Any] {
    json.merging(["model_type": Self.modelTypes[0], "architectures": [Self.architectures.classifier]]) { $1 }
  }
}

/// The names of a family's classes in transformers.
public struct Architectures: Sendable {
  /// How the names of classes end that score each token.
  public static let ofTokens = "ForTokenClassification"
  /// How the names of classes end that score each token as the start and the end of an answer.
  public static let ofSpans = "ForQuestionAnswering"
  /// How the names of classes end that fill masks.
  public static let ofVocabulary = "ForMaskedLM"

  public let encoder: String
  public let classifier: String

  public init(encoder: String, classifier: String) {
    self.encoder = encoder
    self.classifier = classifier
  }

  /// The class whose name ends in `suffix`: the classifier's where that has it, else it is named after the encoder's.
  func named(_ suffix: String?) -> String {
    guard let suffix, !classifier.hasSuffix(suffix) else { return classifier }
    return (encoder.hasSuffix("Model") ? String(encoder.dropLast(5)) : encoder) + suffix
  }
}

/// A tensor whose numbers are a function of the configuration.
public struct ConstantTensor: Sendable {
  /// Below the family's prefix.
  public let name: String
  public let shape: Shape
  /// The element of an index.
  public let element: @Sendable (Int) -> Float

  public init(_ name: String, _ shape: Shape, element: @escaping @Sendable (Int) -> Float) {
    self.name = name
    self.shape = shape
    self.element = element
  }
}
