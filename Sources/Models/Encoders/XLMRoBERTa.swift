/// XLM-RoBERTa (Conneau et al. 2019, arXiv:1911.02116): RoBERTa trained on a hundred languages.
public struct XLMRoBERTa: RoBERTaKind {
  public static let modelTypes = ["xlm-roberta"]
  public static let architectures = Architectures(
    encoder: "XLMRobertaModel", classifier: "XLMRobertaForSequenceClassification")

  public var configuration = Self.usual

  public init() {}

  static var usual: EncoderConfiguration {
    var usual = RoBERTa.usual
    usual.vocabularySize = 30_522
    return usual
  }
}
