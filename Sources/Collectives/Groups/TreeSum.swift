import Schedules
import Transport

extension SummationTree {
  /// Sums the parts in `buffers` (subtrees in order, covering all leaves) into the first buffer.
  func sum(_ parts: [Range<Int>], _ buffers: [UnsafeMutablePointer<Float>], count: Int) {
    guard let additions = additions(of: parts) else {
      preconditionFailure("\(parts) are not the subtrees of a tree of \(leaves) leaves")
    }
    precondition(buffers.count == max(1, parts.count), "\(buffers.count) buffers for \(parts.count) subtrees")
    for addition in additions {
      System.add(buffers[addition.left], buffers[addition.left], buffers[addition.right], count: count)
    }
  }
}
