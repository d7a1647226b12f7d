import Diagnostics
import Schedules
import Support

/// A group of one: every sum is its own term.
public final class SoloGroup: Group {
  private let clock = PhaseClock()

  public init() {}

  public var rank: Int { 0 }
  public var size: Int { 1 }
  public var hosts: [String] { [LocalHost.name] }

  public func start(_ values: UnsafeMutablePointer<Float>, count: Int, name: String, step: Int) -> CollectiveWork {
    .finished
  }

  public func startOrdered(
    shares: [Range<Int>], buffers: [UnsafeMutablePointer<Float>], count: Int, name: String, step: Int
  ) -> CollectiveWork {
    precondition(shares.count == 1, "\(shares.count) shares in a group of 1")
    let tree = SummationTree(leaves: shares[0].upperBound)
    tree.sum(tree.subtrees(covering: shares[0]), buffers, count: count)
    return .finished
  }

  public func allGather(_ bytes: [UInt8], name: String, step: Int) -> [[UInt8]] { [bytes] }

  public func allGather(in bytes: UnsafeMutableRawBufferPointer, lengths: [Int], name: String, step: Int) {}

  public func allToAll(
    _ outgoing: UnsafeMutableRawBufferPointer, lengths: [Int], into incoming: UnsafeMutableRawBufferPointer,
    name: String, step: Int
  ) {
    incoming.copyMemory(from: UnsafeRawBufferPointer(outgoing))
  }

  public var bytesSent: Int { 0 }

  public func broadcast(_ bytes: UnsafeMutableRawBufferPointer, root: Int, name: String, step: Int) {
    precondition(root == 0, "the root is rank \(root) of a group of 1")
  }

  public func barrier(name: String, step: Int) {}
  public func note(step: Int, phase: String) { clock.note(phase) }
  public var times: [RankTimes] { [clock.times] }
  public func fail(_ reason: String) {}
  public func leave() {}
}
