/// An operation as plain loops in Double: what the fast kernels are tested against.
///
/// `forward` maps the operation's differentiable inputs (tensors first, then parameters, each flat and row-major) to its
/// result; `backward` maps the inputs and the gradient of the result to the gradients of the inputs.
package struct Twin: Sendable {
  package typealias Vector = [Double]

  package let forward: @Sendable (_ inputs: [Vector]) -> Vector
  package let backward: @Sendable (_ inputs: [Vector], _ upstream: Vector) -> [Vector]

  package init(
    forward: @escaping @Sendable ([Vector]) -> Vector, backward: @escaping @Sendable ([Vector], Vector) -> [Vector]
  ) {
    self.forward = forward
    self.backward = backward
  }

  /// An operation of one input that works element by element.
  package static func elementwise(
    _ value: @escaping @Sendable (Double) -> Double, derivative: @escaping @Sendable (Double) -> Double
  ) -> Twin {
    Twin(
      forward: { $0[0].map(value) },
      backward: { inputs, upstream in [zip(inputs[0], upstream).map { derivative($0) * $1 }] })
  }
}
