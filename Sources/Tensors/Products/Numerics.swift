/// Who multiplies matrices.
public enum Numerics: String, Sendable, CaseIterable, Codable {
  /// This package: the bits of a product depend on its numbers alone, and are the same on every processor.
  case portable
  /// oneDNN and OpenBLAS: the bits are those of the kernels that they choose for the processor.
  case library
}
