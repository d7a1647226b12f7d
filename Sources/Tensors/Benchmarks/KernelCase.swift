/// One loop on memory of its own, for benchmarks: what it does in a run, to be compared with what the machine can do.
package struct KernelCase {
  /// What a run amounts to.
  package enum Work {
    /// Bytes read and written, each array counted once for each direction.
    case bytes(Int)
    /// Floating-point operations of a matrix product in a number format.
    case operations(Double, Precision)
  }

  package let name: String
  package let work: Work
  /// Bytes of all arrays that a run touches.
  package let footprint: Int
  package let run: () -> Void

  /// - Parameter arrays: how many arrays of `count` floats a run reads or writes; one that it does both to counts twice.
  package init(_ name: String, arrays: Double, of count: Int, footprint: Int, run: @escaping () -> Void) {
    self.name = name
    work = .bytes(Int(arrays * Double(count * MemoryLayout<Float>.stride)))
    self.footprint = footprint
    self.run = run
  }

  package init(_ name: String, operations: Double, precision: Precision, run: @escaping () -> Void) {
    self.name = name
    work = .operations(operations, precision)
    footprint = 0
    self.run = run
  }

  /// A plain loop that copies, on as much memory: the floor of loops that are bound by memory.
  package static func copy(footprint: Int) -> KernelCase {
    let count = max(16, footprint / 2 / MemoryLayout<Float>.stride)
    let memory = BenchmarkMemory(arrays: 2, of: count)
    return KernelCase("copy", arrays: 2, of: count, footprint: footprint) {
      Kernels.scale(memory[0], memory[1], by: 1, count, accumulates: false)
    }
  }
}

/// Arrays of floats for one benchmark, filled with values of ordinary size.
package final class BenchmarkMemory {
  private let arrays: [UnsafeMutablePointer<Float>]

  package init(arrays: Int, of count: Int) {
    self.arrays = (0..<arrays).map { _ in
      let array = AlignedMemory.allocate(count)
      for index in 0..<count { array[index] = Float(index % 251 - 125) / 64 }
      return array
    }
  }

  package subscript(index: Int) -> UnsafeMutablePointer<Float> { arrays[index] }

  deinit { for array in arrays { AlignedMemory.release(array) } }
}
