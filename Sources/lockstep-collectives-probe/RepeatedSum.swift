import Collectives
import Diagnostics

/// A sum or a gather that is not the right one.
struct WrongResult: Error, CustomStringConvertible {
  let description: String
}

extension Group {
  /// Sums numbers whose sum is known, again and again, and compares every element.
  func repeatSum(count: Int, operations: Int, step first: Int = 0) throws {
    let values = UnsafeMutablePointer<Float>.allocate(capacity: count)
    defer { values.deallocate() }
    for step in first..<first + operations {
      FaultInjection.reach("compute", rank: rank, number: UInt64(step))
      note(step: step, phase: "compute")
      for index in 0..<count { values[index] = Float((index + step) % 1000 * (rank + 1)) }
      try allReduce(values, count: count, name: "gradients", step: step)
      let factor = size * (size + 1) / 2
      for index in 0..<count where values[index] != Float((index + step) % 1000 * factor) {
        throw WrongResult(description: "element \(index) of step \(step) is \(values[index])")
      }
    }
  }
}
