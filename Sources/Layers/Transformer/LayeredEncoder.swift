import Tensors

/// Token embeddings and a row of layers: the encoder of BERT and of most that followed it.
public final class LayeredEncoder: TokenEncoder {
  public let embeddings: TokenEmbeddings
  /// From the embeddings' width to the layers', where these differ.
  let projection: Linear?
  let layers: [EncoderLayer]
  public let width: Int
  private let projectionName, layersName: String

  /// - Parameters:
  ///   - projection: a linear map between the embeddings and the first layer, with its name in a checkpoint.
  ///   - layersName: the level of the layers in a checkpoint.
  public init(
    _ embeddings: TokenEmbeddings, projection: (name: String, map: Linear)? = nil, layers: [EncoderLayer], width: Int,
    layersName: String = "encoder.layer"
  ) {
    self.embeddings = embeddings
    self.projection = projection?.map
    self.layers = layers
    self.width = width
    projectionName = projection?.name ?? ""
    self.layersName = layersName
  }

  public var depth: Int { layers.count }
  public var takesSomeTokens: Bool { true }

  public var checkpointNames: [String: String] { ["projection": projectionName, "layers": layersName] }

  public func callAsFunction(
    _ batch: TokenBatch, _ selection: TokenSelection, _ pass: Pass, observe: Observer?
  ) -> TokenVectors {
    firstStates(batch, pass).through(depth: depth, selection, pass, observe: observe) {
      [layers] index, tokens, all, pass in
      layers[index](tokens, over: all, pass)
    }
  }

  private func firstStates(_ batch: TokenBatch, _ pass: Pass) -> TokenVectors {
    let embedded = embeddings(batch, pass)
    return projection.map { embedded.with($0(embedded.hidden, pass)) } ?? embedded
  }
}
