/// A function between the maps of a feed-forward block or of a head.
public enum Activation: String, Sendable, CaseIterable {
  /// x · Φ(x), exact (Hendrycks, Gimpel 2016, arXiv:1606.08415).
  case gelu
  /// Its approximation x · (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2, of the same paper.
  case geluTanh = "gelu_new"
  /// max(x, 0); the derivative at 0 is 0.
  case relu
  /// x / (1 + e⁻ˣ), also called swish (Elfwing, Uchibe, Doya 2017, arXiv:1702.03118).
  case silu
  case tanh

  /// The activation of a name that a Hugging Face configuration may hold; nil where it is none of these.
  public init?(name: String) {
    switch name {
    case "gelu_pytorch_tanh": self = .geluTanh
    case "swish": self = .silu
    default: self.init(rawValue: name)
    }
  }

  /// Every name that `init(name:)` knows.
  public static var names: [String] { allCases.map(\.rawValue) + ["gelu_pytorch_tanh", "swish"] }
}
