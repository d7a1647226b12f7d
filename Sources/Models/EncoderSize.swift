/// A size of an encoder: its key, and the tensor of the encoder that has it.
public struct EncoderSize: Sendable {
  public let key: String
  public let value: Int
  /// No model is meant beyond it, and products of sizes fit a number up to it.
  public let largest: Int
  /// The name below the prefix, and the axis; a name with `{}` is that of each layer, of which there are so many. Nil where
  /// no tensor shows the size.
  public let tensor: (name: String, axis: Int)?

  public init(_ key: String, _ value: Int, largest: Int, in tensor: String? = nil, axis: Int = 0) {
    self.key = key
    self.value = value
    self.largest = largest
    self.tensor = tensor.map { ($0, axis) }
  }
}
