/// The vectorised loops and the products of this module, each on the extents of a layer of MiniLM.
package enum TensorKernels {
  private static let rows = 2048
  private static let columns = 384
  private static let count = rows * columns

  package static var cases: [KernelCase] { elementwise + rowwise + randomBits + products }

  private static func loop(
    _ name: String, arrays: Double, distinct: Int, _ body: @escaping (BenchmarkMemory) -> Void
  ) -> KernelCase {
    let memory = BenchmarkMemory(arrays: distinct, of: count)
    return KernelCase(name, arrays: arrays, of: count, footprint: distinct * count * MemoryLayout<Float>.stride) {
      body(memory)
    }
  }

  private static var elementwise: [KernelCase] {
    [
      loop("add", arrays: 3, distinct: 3) { Kernels.add($0[0], $0[1], $0[2], count) },
      loop("add_bias", arrays: 2, distinct: 1) { Kernels.addBias($0[0], $0[0], rows: rows, columns: columns) },
      loop("gelu", arrays: 2, distinct: 2) { Kernels.activation(.gelu, $0[0], $0[1], count) },
      loop("gelu_backward", arrays: 3, distinct: 3) { memory in
        Kernels.activationBackward(
          .gelu,
          GradientSlot(pointer: memory[0], count: count, accumulates: false), offset: 0, memory[1], x: memory[2], count)
      },
      loop("gelu_and_slope", arrays: 3, distinct: 2) { Kernels.activationAndSlope(.gelu, $0[0], $0[1], count) },
      loop("relu", arrays: 2, distinct: 2) { Kernels.activation(.relu, $0[0], $0[1], count) },
      loop("tanh", arrays: 2, distinct: 2) { Kernels.activation(.tanh, $0[0], $0[1], count) },
      loop("store_brain16", arrays: 1.5, distinct: 2) { memory in
        memory[0].withMemoryRebound(to: UInt16.self, capacity: count) { Kernels.storeBrain16($0, memory[1], count) }
      },
      loop("round_half", arrays: 2, distinct: 2) { Kernels.roundToHalf($0[0], $0[1], count) },
    ]
  }

  private static var rowwise: [KernelCase] {
    [
      loop("layer_norm", arrays: 3, distinct: 5) { memory in
        Kernels.layerNorm(
          memory[0], normalized: memory[1], inverse: memory[2], scale: memory[3], shift: memory[4], epsilon: 1e-12,
          rows: rows, columns: columns)
      },
      loop("layer_norm_backward", arrays: 3, distinct: 5) { memory in
        Kernels.layerNormBackward(
          memory[0], memory[1], normalized: memory[2], inverse: memory[3], scale: memory[4], rows: rows,
          columns: columns)
      },
      loop("column_sums", arrays: 1, distinct: 2) { memory in
        Kernels.addColumnSums(memory[0], memory[1], rows: rows, columns: columns)
      },
      loop("softmax", arrays: 2, distinct: 3) { memory in
        Kernels.softmax(
          memory[0], largest: memory[1], inverse: memory[2], factor: 1, rows: count / 64, columns: 64, stride: 64)
      },
      loop("softmax_backward", arrays: 3, distinct: 2) { memory in
        Kernels.softmaxBackward(
          memory[0], probabilities: memory[1], factor: 1, rows: count / 64, columns: 64, stride: 64)
      },
    ]
  }

  private static var randomBits: [KernelCase] {
    let numbers = (0..<UInt32(rows)).map { $0 }
    let stream = RandomStream(seed: 1, purpose: .dropout)
    guard let mask = DropoutMask(stream: stream, probability: 0.1) else { return [] }
    return [
      loop("random_halves", arrays: 0.5, distinct: 1) { memory in
        memory[0].withMemoryRebound(to: UInt16.self, capacity: count) {
          Kernels.randomHalves($0, rows: numbers, outers: numbers, count: rows, columns: columns, key: stream.key)
        }
      },
      loop("dropout", arrays: 2.5, distinct: 3) { memory in
        memory[2].withMemoryRebound(to: UInt16.self, capacity: count) {
          Kernels.dropout(memory[0], memory[1], $0, mask, count)
        }
      },
    ]
  }

  /// Products of one dense layer forward, and of one head's scores, in each precision.
  private static var products: [KernelCase] {
    Precision.allCases.flatMap { precision in
      [(rows, 384, 384), (rows, 1536, 384), (384, 384, rows), (64, 64, 32)].map { rows, columns, inner in
        product(rows: rows, columns: columns, inner: inner, precision)
      }
    }
  }

  private static func product(rows: Int, columns: Int, inner: Int, _ precision: Precision) -> KernelCase {
    let engine = Engine()
    let format = engine.format(of: precision)
    let extents = (left: rows * inner, right: inner * columns)
    let memory = BenchmarkMemory(arrays: 2, of: max(extents.left, extents.right))
    let rounded = [extents.left, extents.right].map { format.room($0, in: engine.pool) }
    format.round(memory[0], into: rounded[0], at: 0..<extents.left)
    format.round(memory[1], into: rounded[1], at: 0..<extents.right)
    let result = engine.pool.take(rows * columns)
    return KernelCase(
      "product_\(rows)x\(columns)x\(inner)_\(precision.rawValue)",
      operations: 2 * Double(rows) * Double(columns) * Double(inner), precision: precision
    ) {
      engine.multipliers[0].run(
        format, format.operand(memory[0], rounded[0], stride: inner),
        format.operand(memory[1], rounded[1], stride: columns), rows: rows, columns: columns, inner: inner,
        into: result.pointer, stride: columns)
    }
  }
}
