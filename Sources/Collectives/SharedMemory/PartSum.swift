import Schedules
import Transport

/// Adds up parts of a sum that lie in memory, with room for the sums on the way.
final class PartSum {
  private var rooms: [Int: UnsafeMutableRawPointer] = [:]
  private let roomBytes: Int

  /// - Parameter roomBytes: the longest range that will be added at once.
  init(roomBytes: Int) { self.roomBytes = roomBytes }

  deinit { rooms.values.forEach { $0.deallocate() } }

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
      let room = room(addition.left) - range.lowerBound
      System.add(
        floats(room), floats(partial[addition.left] ?? parts[addition.left]),
        floats(partial[addition.right] ?? parts[addition.right]), count: range.count / 4)
      partial[addition.left] = room
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

  private func room(_ part: Int) -> UnsafeMutableRawPointer {
    if let known = rooms[part] { return known }
    let fresh = UnsafeMutableRawPointer.allocate(byteCount: roomBytes, alignment: 64)
    rooms[part] = fresh
    return fresh
  }
}
