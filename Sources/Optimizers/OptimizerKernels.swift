import COptimizerKernels

/// The C loops of this module; COptimizerKernels.h states their formulas.
enum OptimizerKernels {
  typealias AdamWCoefficients = adamw_coefficients
  typealias SGDCoefficients = sgd_coefficients
  typealias Floats = UnsafeMutablePointer<Float>

  static func adamW(
    weights: Floats, gradients: Floats, firstMoment: Floats, secondMoment: Floats, count: Int,
    _ coefficients: AdamWCoefficients
  ) { adamw_update(weights, gradients, firstMoment, secondMoment, count, coefficients) }

  static func sgd(weights: Floats, gradients: Floats, count: Int, _ coefficients: SGDCoefficients) {
    sgd_update(weights, gradients, count, coefficients)
  }

  static func sgdMomentum(
    weights: Floats, gradients: Floats, momentum: Floats, count: Int, isNesterov: Bool, _ coefficients: SGDCoefficients
  ) {
    let update = isNesterov ? sgd_nesterov_update : sgd_momentum_update
    update(weights, gradients, momentum, count, coefficients)
  }

  static func pullBack(fast: Floats, slow: Floats, count: Int, fraction: Float) {
    pull_back(fast, slow, count, fraction)
  }

  static func move(_ average: Floats, toward values: Floats, count: Int, fraction: Float) {
    move_toward(average, values, count, fraction)
  }

  static func sumOfSquares(_ values: Floats, count: Int, factor: Float) -> Double {
    sum_of_squares(values, count, factor)
  }

  static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 { hash_bytes(bytes.baseAddress, bytes.count) }
}
