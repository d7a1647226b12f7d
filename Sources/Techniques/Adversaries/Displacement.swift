/// How FGM and PGD measure a displacement, and so which move of a given length follows the gradient best.
public enum AttackNorm: String, Sendable, CaseIterable {
  /// The Euclidean norm: the move is along g / ‖g‖, the ball round.
  case euclidean = "l2"
  /// The largest element: the move is along sgn g, the ball a cube.
  case largest = "max"
}

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

  /// r = r + distance · sgn g, where the sign of zero is zero.
  public static func ascend(
    _ displacement: UnsafeMutableBufferPointer<Float>, alongSignsOf gradient: UnsafeBufferPointer<Float>,
    by distance: Double
  ) {
    precondition(displacement.count == gradient.count, "\(displacement.count) elements, gradient of \(gradient.count)")
    let distance = Float(distance)
    for index in displacement.indices {
      displacement[index] += gradient[index] > 0 ? distance : gradient[index] < 0 ? -distance : 0
    }
  }

  /// Pulls r back to the cube |rᵢ| ≤ radius around zero.
  public static func clamp(_ displacement: UnsafeMutableBufferPointer<Float>, radius: Double) {
    let radius = Float(radius)
    for index in displacement.indices { displacement[index] = min(max(displacement[index], -radius), radius) }
  }

  /// Pulls r back to the ball ‖r‖ ≤ radius around zero.
  public static func project(_ displacement: UnsafeMutableBufferPointer<Float>, radius: Double) {
    let length = norm(UnsafeBufferPointer(displacement))
    guard length > radius else { return }
    let factor = Float(radius / length)
    for index in displacement.indices { displacement[index] *= factor }
  }
}
