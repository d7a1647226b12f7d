/// Arithmetic of displacements: what FGM, PGD and AWP have in common, on plain memory.
public enum Displacement {
  /// The Euclidean norm, summed in Float64 in an order that depends on the count alone.
  public static func norm(_ values: UnsafeBufferPointer<Float>) -> Double {
    guard let start = values.baseAddress else { return 0 }
    let raw = UnsafeRawPointer(start)
    var lanes = SIMD8<Double>(repeating: 0)
    let whole = values.count / 8
    for index in 0..<whole {
      let wide = SIMD8<Double>(raw.loadUnaligned(fromByteOffset: index * 32, as: SIMD8<Float>.self))
      lanes += wide * wide
    }
    let rest = values[(whole * 8)...].reduce(0.0) { $0 + Double($1) * Double($1) }
    return (lanes.sum() + rest).squareRoot()
  }

  /// Whether a gradient of this norm gives a direction: it is neither zero nor infinite nor nan.
  public static func isDirection(_ norm: Double) -> Bool { norm > 0 && norm.isFinite }

  /// r = r + distance · g / ‖g‖.
  public static func ascend(
    _ displacement: UnsafeMutableBufferPointer<Float>, along gradient: UnsafeBufferPointer<Float>, norm: Double,
    by distance: Double
  ) {
    precondition(displacement.count == gradient.count, "\(displacement.count) elements, gradient of \(gradient.count)")
    let factor = Float(distance / norm)
    for index in displacement.indices { displacement[index] += factor * gradient[index] }
  }

  /// Pulls r back to the ball ‖r‖ ≤ radius around zero.
  public static func project(_ displacement: UnsafeMutableBufferPointer<Float>, radius: Double) {
    let length = norm(UnsafeBufferPointer(displacement))
    guard length > radius else { return }
    let factor = Float(radius / length)
    for index in displacement.indices { displacement[index] *= factor }
  }
}
