/// The names of a layer's parts in a checkpoint, below the layer's own.
public struct EncoderLayerNames: Sendable {
  public var query = "attention.self.query"
  public var key = "attention.self.key"
  public var value = "attention.self.value"
  public var attended = "attention.output.dense"
  public var attendedNorm = "attention.output.LayerNorm"
  public var intermediate = "intermediate.dense"
  public var output = "output.dense"
  public var outputNorm = "output.LayerNorm"

  public init() {}

  /// The path of a dropout that stands with a linear map.
  static func dropout(besides path: String) -> String {
    (path.split(separator: ".").dropLast() + ["dropout"]).joined(separator: ".")
  }
}
