/// The number format of the matrix products of linear layers.
///
/// Convolutions, sums, norms, softmax, attention's small products, losses and the weights themselves stay Float32. A
/// 16-bit format rounds what goes into a product, in the forward and the backward pass; products are summed in Float32.
public enum Precision: String, Sendable, CaseIterable, Codable {
  case fp32
  /// bfloat16, in hardware where the processor multiplies it (AVX-512 BF16, AMX), else rounded and multiplied in Float32.
  case bf16
  /// IEEE half precision, rounded and multiplied in Float32. Results of products are rounded too and overflow to infinity,
  /// as they do on hardware: gradients need a scaler.
  case fp16
}

/// How one precision is carried out on this processor.
package enum ProductFormat {
  case float32
  /// Operands stored in 16 bits and multiplied as such.
  case brain16
  /// Operands rounded to bfloat16 but stored as Float32: other processors, same meaning.
  case roundedBrain16
  case roundedHalf

  /// Memory for the rounded copy of a matrix; nil where products read the matrix itself.
  func room(_ count: Int, in pool: BufferPool) -> Buffer? {
    switch self {
    case .float32: nil
    case .brain16: pool.take((count + 1) / 2)
    case .roundedBrain16, .roundedHalf: pool.take(count)
    }
  }

  /// Rounds some elements of a matrix into its copy, where they stand at `range`; nothing where there is no copy.
  package func round(_ elements: UnsafeMutablePointer<Float>, into room: Buffer?, at range: Range<Int>) {
    guard let room else { return }
    switch self {
    case .float32: return
    case .brain16:
      let halves = UnsafeMutableRawPointer(room.pointer).assumingMemoryBound(to: UInt16.self)
      Kernels.storeBrain16(halves + range.lowerBound, elements, range.count)
    case .roundedBrain16: Kernels.roundToBrain16(room.pointer + range.lowerBound, elements, range.count)
    case .roundedHalf: Kernels.roundToHalf(room.pointer + range.lowerBound, elements, range.count)
    }
  }

  /// The operand of a product: the matrix, or its rounded copy.
  func operand(
    _ source: UnsafeMutablePointer<Float>, _ room: Buffer?, stride: Int, transposed: Bool = false
  ) -> MatrixOperand {
    MatrixOperand(room?.pointer ?? source, stride: stride, transposed: transposed, element: element)
  }

  /// The operand of a product: what is in this format already.
  func operand(of values: Buffer, stride: Int) -> MatrixOperand {
    MatrixOperand(values.pointer, stride: stride, element: element)
  }

  private var element: MatrixOperand.Element { self == .brain16 ? .brain16 : .float32 }
}
