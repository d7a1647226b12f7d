import Schedules
import Transport

/// Adds up parts of a sum that lie in memory, with scratch memory for the sums on the way.
final class PartSum {
  private var scratch: [Int: UnsafeMutableRawPointer] = [:]
  private let scratchBytes: Int

  /// - Parameter scratchBytes: the longest range that will be added at once.
  init(scratchBytes: Int) { self.scratchBytes = scratchBytes }

  deinit { scratch.values.forEach { $0.deallocate() } }

  /// Carries out the additions, at least one, in a range of bytes. All pointers are the beginnings of whole vectors.
  /// - Parameters:
  ///   - parts: where all parts lie.
  ///   - sum: where the result goes; may be one of the parts.
  ///   - copy: where it goes as well; may be one of the parts.
  func add(
    _ additions: [SummationTree.Addition], _ range: Range<Int>, of parts: [UnsafeMutableRawPointer],
    to sum: UnsafeMutableRawPointer, and copy: UnsafeMutableRawPointer?
  ) {
    // Sums of several parts so far, by the part that is leftmost.
    var partial: [Int: UnsafeMutableRawPointer] = [:]
    func floats(_ vector: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Float> {
      (vector + range.lowerBound).assumingMemoryBound(to: Float.self)
    }
    for addition in additions.dropLast() {
      let target = memory(addition.left) - range.lowerBound
      System.add(
        floats(target), floats(partial[addition.left] ?? parts[addition.left]),
        floats(partial[addition.right] ?? parts[addition.right]), count: range.count / 4)
      partial[addition.left] = target
    }
    let last = additions[additions.count - 1]
    let left = floats(partial[last.left] ?? parts[last.left])
    let right = floats(partial[last.right] ?? parts[last.right])
    if let copy {
      System.addTwice(floats(sum), floats(copy), left, right, count: range.count / 4)
    } else {
      System.add(floats(sum), left, right, count: range.count / 4)
    }
  }

  private func memory(_ part: Int) -> UnsafeMutableRawPointer {
    if let known = scratch[part] { return known }
    let fresh = UnsafeMutableRawPointer.allocate(byteCount: scratchBytes, alignment: 64)
    scratch[part] = fresh
    return fresh
  }
}
