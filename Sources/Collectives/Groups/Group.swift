import Diagnostics
import Transport

/// The ranks of a job, as one of them sees them: sums, gathers and agreements over all of them.
///
/// All ranks call the same operations in the same order. Operations run one after another, in the order of submission.
/// Every call returns or throws within the group's deadlines; after the first `GroupError` every further call throws it again.
public protocol Group: AnyObject, Sendable {
  /// This process's place, from 0.
  var rank: Int { get }

  /// How many ranks there are.
  var size: Int { get }

  /// The host of each rank.
  var hosts: [String] { get }

  /// Memory for a vector that is summed often; nil where ranks do not share memory, or there is none left. See `SharedVector`.
  func makeSharedVector(count: Int) -> SharedVector?

  /// Begins the sum of `count` floats over all ranks, in place; the memory is the group's until the work has been waited for.
  func start(_ values: UnsafeMutablePointer<Float>, count: Int, name: String, step: Int) throws -> CollectiveWork

  /// Sums `count` floats over all ranks, in place. All ranks get the same bits, and the same ones from run to run.
  func allReduce(_ values: UnsafeMutablePointer<Float>, count: Int, name: String, step: Int) throws

  /// The same inside hosts first, and between hosts each rank a part of the vector; see `Planner.hostScatter`.
  func allReduceOverHosts(_ values: UnsafeMutablePointer<Float>, count: Int, name: String, step: Int) throws

  /// Begins the sum over the leaves of the fixed summation tree, with the same bits for any number of ranks.
  ///
  /// `shares[r]` is the range of leaves that rank r holds; together they are 0 ..< M, in rank order, some perhaps empty. This
  /// rank brings one buffer for each of `SummationTree(leaves: M).subtrees(covering: shares[rank])`, in order, each the sum of
  /// that subtree; one buffer if it has none. The result goes to the first buffer; the others are overwritten.
  func startOrdered(
    shares: [Range<Int>], buffers: [UnsafeMutablePointer<Float>], count: Int, name: String, step: Int
  ) throws -> CollectiveWork

  /// Everyone's bytes, in rank order; lengths may differ.
  func allGather(_ bytes: [UInt8], name: String, step: Int) throws -> [[UInt8]]

  /// The same in place: `bytes` holds everyone's blocks in rank order, of lengths that all ranks know; this rank's is there.
  func allGather(in bytes: UnsafeMutableRawBufferPointer, lengths: [Int], name: String, step: Int) throws

  /// Sends every rank its own part: `outgoing` holds the parts in rank order, of lengths that are the same on all ranks;
  /// `incoming` takes what each rank has for this one, in rank order.
  func allToAll(
    _ outgoing: UnsafeMutableRawBufferPointer, lengths: [Int], into incoming: UnsafeMutableRawBufferPointer,
    name: String, step: Int
  ) throws

  /// Bytes that this rank has sent to others for all of these, without headers; what goes through shared memory is not sent.
  var bytesSent: Int { get }

  /// Copies the root's bytes over everyone else's.
  func broadcast(_ bytes: UnsafeMutableRawBufferPointer, root: Int, name: String, step: Int) throws

  /// Returns when every rank has called it.
  func barrier(name: String, step: Int) throws

  /// Notes how far this rank is, for heartbeats and verdicts. Cheap.
  func note(step: Int, phase: String)

  /// Notifies the other ranks that this one gives up, and why; they throw an error that says so.
  func fail(_ reason: String)

  /// How every rank has spent its time since it joined, in rank order, as of its last heartbeat; on rank 0, else empty.
  var times: [RankTimes] { get }

  /// The ranks that hold the others up, and why, found since the last call; on rank 0, else empty. Nothing is ended for them.
  func takeStragglers() -> [Straggler]

  /// Parts in order: returns when all ranks have called it.
  func leave() throws
}

/// The sum of one subtree of leaves, brought by this rank to an ordered sum.
public struct Contribution {
  public var range: Range<Int>
  public var buffer: UnsafeMutablePointer<Float>

  public init(range: Range<Int>, buffer: UnsafeMutablePointer<Float>) {
    self.range = range
    self.buffer = buffer
  }
}

extension Group {
  public func makeSharedVector(count: Int) -> SharedVector? { nil }

  public var times: [RankTimes] { [] }

  public func takeStragglers() -> [Straggler] { [] }

  public func allReduce(_ values: UnsafeMutablePointer<Float>, count: Int, name: String, step: Int) throws {
    try start(values, count: count, name: name, step: step).wait()
  }

  public func allReduceOverHosts(_ values: UnsafeMutablePointer<Float>, count: Int, name: String, step: Int) throws {
    try allReduce(values, count: count, name: name, step: step)
  }

  /// `startOrdered`, and waits for the result.
  public func allReduceOrdered(
    shares: [Range<Int>], buffers: [UnsafeMutablePointer<Float>], count: Int, name: String, step: Int
  ) throws {
    try startOrdered(shares: shares, buffers: buffers, count: count, name: name, step: step).wait()
  }

  /// The same for callers that know their own leaves alone: gathers the shares first.
  public func allReduceOrdered(
    leaves: Int, contributions: [Contribution], count: Int, name: String, step: Int
  ) throws {
    let held = contributions.filter { !$0.range.isEmpty }
    var own = ByteWriter()
    own.write(UInt64(held.first?.range.lowerBound ?? 0))
    own.write(UInt64(held.last?.range.upperBound ?? 0))
    var next = 0
    let shares = try allGather(own.bytes, name: name + " shares", step: step).map { bytes in
      var reader = ByteReader(bytes)
      let (first, end) = (try reader.read(UInt64.self), try reader.read(UInt64.self))
      let share = first == end ? next..<next : Int(first)..<Int(end)
      next = share.upperBound
      return share
    }
    precondition(next == leaves, "the ranks hold \(shares), not all of \(leaves) leaves")
    let buffers = (held.isEmpty ? contributions : held).map(\.buffer)
    try allReduceOrdered(shares: shares, buffers: buffers, count: count, name: name, step: step)
  }
}
