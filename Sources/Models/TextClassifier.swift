import Data
import Layers
import Tensors

/// An encoder of token rows with a classification head.
///
/// Rows are packed without padding, so no work is done on pad tokens and no attention mask is needed. The scores of a row that
/// is read in windows are the means of theirs.
public final class TextClassifier: Classifier {
  public let family: any EncoderFamily
  /// Columns of the scores, or of the vectors that a design without scores gives.
  public var labels: Int { head.outputs }
  public let encoder: any TokenEncoder
  public let design: HeadDesign
  let head: TextHead

  /// - Parameters:
  ///   - labels: without meaning for a design without scores, and for one that scores the vocabulary.
  ///   - design: of the head; nil for the family's usual one.
  public init(_ family: any EncoderFamily, labels: Int, head design: HeadDesign? = nil) {
    self.family = family
    encoder = family.encoder()
    self.design = design ?? family.head
    head = TextHead(
      self.design, pooler: family.pooler, width: encoder.width,
      labels: self.design.decoder == nil ? labels : family.configuration.vocabularySize,
      initializer: family.configuration.initializer)
  }

  public var checkpointNames: [String: String] { ["encoder": type(of: family).prefix, "head": ""] }

  public func callAsFunction(_ microbatch: Microbatch, _ pass: Pass) -> [Tensor] {
    guard case .tokens(let batch) = microbatch.input else { preconditionFailure("an encoder reads tokens, not images") }
    let scores = head(encoder, batch, words: microbatch.words, pass)
    guard let windows = microbatch.windows, microbatch.words == nil else { return scores }
    return scores.map { pass.pool($0, offsets: windows, .mean) }
  }
}
