import Tensors

extension OptimizerKernels {
  /// The passes over arenas, each on more memory than the caches hold.
  static var cases: [KernelCase] {
    let count = 8 << 20
    func pass(
      _ name: String, arrays: Double, distinct: Int, _ body: @escaping (BenchmarkMemory) -> Void
    ) -> KernelCase {
      let memory = BenchmarkMemory(arrays: distinct, of: count)
      return KernelCase(name, arrays: arrays, of: count, footprint: distinct * count * MemoryLayout<Float>.stride) {
        body(memory)
      }
    }
    let coefficients = AdamWCoefficients(
      gradient_factor: 1e-3, first_gain: 0.1, second_decay: 0.999, second_gain: 1e-3, denominator_factor: 1,
      epsilon: 1e-8, step_size: 1e-5, weight_decay: 1e-7)
    return [
      pass("adamw", arrays: 7, distinct: 4) {
        adamW(
          weights: $0[0], gradients: $0[1], firstMoment: $0[2], secondMoment: $0[3], count: count, coefficients)
      },
      pass("sgd_momentum", arrays: 5, distinct: 3) {
        sgdMomentum(
          weights: $0[0], gradients: $0[1], momentum: $0[2], count: count, isNesterov: false,
          SGDCoefficients(gradient_factor: 1, weight_decay: 0, momentum: 0.9, learning_rate: 1e-5))
      },
      pass("sum_of_squares", arrays: 1, distinct: 1) { _ = sumOfSquares($0[0], count: count, factor: 1) },
      pass("moving_average", arrays: 3, distinct: 2) { move($0[0], toward: $0[1], count: count, fraction: 1e-3) },
      pass("pull_back", arrays: 4, distinct: 2) { pullBack(fast: $0[0], slow: $0[1], count: count, fraction: 0.5) },
      pass("weight_hash", arrays: 1, distinct: 1) {
        _ = hash(UnsafeRawBufferPointer(UnsafeBufferPointer(start: $0[0], count: count)))
      },
    ]
  }
}

/// The passes over arenas, for benchmarks.
package enum OptimizerBenchmarks {
  package static var cases: [KernelCase] { OptimizerKernels.cases }
}
