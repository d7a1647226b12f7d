import Foundation

/// What a recipe or an exported model says of its head; what is nil is the family's own.
public struct HeadChoice: Sendable, Equatable {
  public var pooling: HeadDesign.Pooling?
  /// One for each sample of a multi-sample dropout head.
  public var dropouts: [Double]?
  /// Columns of a layer between the pooled vector and the scores.
  public var hidden: Int?

  public init(pooling: HeadDesign.Pooling? = nil, dropouts: [Double]? = nil, hidden: Int? = nil) {
    self.pooling = pooling
    self.dropouts = dropouts
    self.hidden = hidden
  }
}

extension EncoderFamily {
  /// The head of a choice: the family's own where it asks for no other vector and no other layer.
  /// - Throws: `HeadProblem` where the family's encoders do not have what is pooled.
  public func head(_ choice: HeadChoice) throws -> HeadDesign {
    var design = head
    let dropouts = choice.dropouts ?? design.dropouts
    let pooling = choice.pooling ?? design.pooling
    if pooling != design.pooling || choice.hidden != nil {
      let layers = choice.hidden.map { [HeadLayer("head.dense", width: $0, .tanh)] } ?? []
      design = HeadDesign(pooling, layers: layers, dropouts: dropouts)
    }
    design.dropouts = dropouts
    if pooling == .pooler, pooler == nil {
      throw HeadProblem(
        key: "pooling", problem: "is pooler, which \(Self.modelTypes[0]) does not have; take first, mean or another")
    }
    if pooling == .lastFour, configuration.layers < 4 {
      throw HeadProblem(
        key: "pooling", problem: "is last-four, and the model has \(configuration.layers) layers; take another")
    }
    return design
  }

  /// Whether transformers opens a model with this head, as a classifier of rows or of tokens, or as a language model.
  func isUsual(_ design: HeadDesign) -> Bool {
    let usual = design.decoder != nil ? [vocabularyHead] : design.readsWords ? [wordHead, spanHead] : [head]
    return usual.contains { design.computes(as: $0) }
  }
}

/// A head that a family cannot have.
public struct HeadProblem: Error {
  /// Below `model.head`.
  public let key: String
  public let problem: String

  public init(key: String, problem: String) { (self.key, self.problem) = (key, problem) }
}

extension HeadDesign {
  /// Whether two heads compute the same of a row or word, but for what they drop.
  public func computes(as other: HeadDesign) -> Bool {
    var own = self
    (own.dropouts, own.hasTransitions) = (other.dropouts, other.hasTransitions)
    guard own.layers.count == other.layers.count else { return false }
    for index in own.layers.indices { own.layers[index].dropout = other.layers[index].dropout }
    return own == other
  }

  /// Where a `config.json` keeps what transformers does not know.
  static let key = "lockstep_head"

  /// The key's value.
  var json: [String: Any] {
    var json: [String: Any] = ["pooling": pooling.rawValue]
    if let layer = layers.first { json["hidden"] = layer.width }
    return json
  }
}

extension HeadChoice {
  /// What a `config.json` says of the head; nil where it is the family's own.
  /// - Throws: `ModelError` that names the key.
  init?(_ reader: ConfigurationReader) throws {
    guard reader.has(HeadDesign.key) else { return nil }
    guard
      let object = reader.json[HeadDesign.key] as? [String: Any],
      let pooling = (object["pooling"] as? String).flatMap(HeadDesign.Pooling.init(rawValue:))
    else { throw reader.wrong(HeadDesign.key, "does not say how vectors are pooled") }
    let hidden = ConfigurationReader(json: object, source: reader.source)
    self.init(pooling: pooling, hidden: hidden.has("hidden") ? try hidden.positive("hidden", 1) : nil)
  }
}
