/// CamemBERT (Martin et al. 2019, arXiv:1911.03894): RoBERTa trained on French.
public struct CamemBERT: RoBERTaKind {
  public static let modelTypes = ["camembert"]
  public static let otherPrefixes = ["camembert"]
  public static let architectures = Architectures(
    encoder: "CamembertModel", classifier: "CamembertForSequenceClassification")

  public var configuration = Self.usual

  public init() {}

  static var usual: EncoderConfiguration {
    var usual = RoBERTa.usual
    usual.vocabularySize = 30_522
    return usual
  }
}
