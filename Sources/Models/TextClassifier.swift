import Data
import Layers
import Tensors

/// An encoder of token rows with a classification head.
///
/// Rows are packed without padding, so no work is done on pad tokens and no attention mask is needed.
public final class TextClassifier: Classifier {
  public let family: any EncoderFamily
  public let labels: Int
  public let encoder: any TokenEncoder
  let head: TextHead

  /// - Parameters:
  ///   - head: nil for the family's usual one.
  ///   - dropouts: probabilities of a multi-sample dropout head; nil for the head's one.
  public init(
    _ family: any EncoderFamily, labels: Int, head: HeadDesign? = nil, multiSampleDropout dropouts: [Double]? = nil
  ) {
    self.family = family
    self.labels = labels
    encoder = family.encoder()
    var design = head ?? family.head
    if let dropouts { design.dropouts = dropouts }
    self.head = TextHead(
      design, pooler: family.pooler, width: encoder.width, labels: labels,
      initializer: family.configuration.initializer)
  }

  public var checkpointNames: [String: String] { ["encoder": type(of: family).prefix, "head": ""] }

  public func callAsFunction(_ microbatch: Microbatch, _ pass: Pass) -> [Tensor] {
    guard case .tokens(let batch) = microbatch.input else { preconditionFailure("an encoder reads tokens, not images") }
    return head(encoder, batch, pass)
  }
}
