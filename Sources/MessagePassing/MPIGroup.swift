import CMPI
import Collectives
import Diagnostics

/// A group whose sums are MPI's: `MPI_Allreduce` over the fabric that it drives. All else, membership and failures too, is the
/// group's below.
///
/// While MPI sums, the other group continues to watch the ranks; where one fails, this process is ended for MPI, which would
/// wait for ever. The order of additions is MPI's own: the same bits on all ranks, and from run to run where MPI chooses alike.
public final class MPIGroup: Group {
  private let base: any Group

  /// Starts MPI; all ranks together, on the thread that will ask for sums.
  /// - Throws: `GroupError.layout`, on all ranks, where one of them has no MPI or counts ranks in another way.
  public init(_ base: any Group) throws {
    self.base = base
    var reason = cmpi_load() == 0 ? "" : String(cString: cmpi_words(Int32(CMPI_ABSENT)))
    try Self.agree(reason, base)
    var (rank, size): (Int32, Int32) = (0, 0)
    let code = cmpi_start(&rank, &size)
    if code != 0 {
      reason = String(cString: cmpi_words(code))
    } else if (Int(rank), Int(size)) != (base.rank, base.size) {
      reason = "MPI takes it for rank \(rank) of \(size)"
    }
    try Self.agree(reason, base)
  }

  private static func agree(_ reason: String, _ base: any Group) throws {
    let everyone = try base.allGather(Array(reason.utf8), name: "MPI", step: 0)
    guard let rank = everyone.firstIndex(where: { !$0.isEmpty }) else { return }
    throw GroupError.layout(
      reason: "rank \(rank) cannot sum with MPI: \(String(decoding: everyone[rank], as: UTF8.self))",
      advice: "install Open MPI on every host and start with mpirun, or take reduction: ring")
  }

  /// Ends MPI, where it was started; all ranks together, before they leave their group.
  public static func finish() { _ = cmpi_stop() }

  public var rank: Int { base.rank }
  public var size: Int { base.size }
  public var hosts: [String] { base.hosts }

  public func start(_ values: UnsafeMutablePointer<Float>, count: Int, name: String, step: Int) throws -> CollectiveWork
  {
    let code = cmpi_sum(values, count)
    guard code == 0 else {
      let reason = "MPI_Allreduce of '\(name)' at step \(step): \(String(cString: cmpi_words(code)))"
      base.fail(reason)
      throw GroupError.layout(reason: reason, advice: "look at MPI's own output, or take reduction: ring")
    }
    return .finished
  }

  // MPI knows the hosts by itself.
  public func allReduceOverHosts(_ values: UnsafeMutablePointer<Float>, count: Int, name: String, step: Int) throws {
    try allReduce(values, count: count, name: name, step: step)
  }

  public func startOrdered(
    shares: [Range<Int>], buffers: [UnsafeMutablePointer<Float>], count: Int, name: String, step: Int
  ) throws -> CollectiveWork {
    try base.startOrdered(shares: shares, buffers: buffers, count: count, name: name, step: step)
  }

  public func allGather(_ bytes: [UInt8], name: String, step: Int) throws -> [[UInt8]] {
    try base.allGather(bytes, name: name, step: step)
  }

  public func allGather(in bytes: UnsafeMutableRawBufferPointer, lengths: [Int], name: String, step: Int) throws {
    try base.allGather(in: bytes, lengths: lengths, name: name, step: step)
  }

  public func allToAll(
    _ outgoing: UnsafeMutableRawBufferPointer, lengths: [Int], into incoming: UnsafeMutableRawBufferPointer,
    name: String, step: Int
  ) throws {
    try base.allToAll(outgoing, lengths: lengths, into: incoming, name: name, step: step)
  }

  public var bytesSent: Int { base.bytesSent }

  public func broadcast(_ bytes: UnsafeMutableRawBufferPointer, root: Int, name: String, step: Int) throws {
    try base.broadcast(bytes, root: root, name: name, step: step)
  }

  public func barrier(name: String, step: Int) throws { try base.barrier(name: name, step: step) }
  public func note(step: Int, phase: String) { base.note(step: step, phase: phase) }
  public func fail(_ reason: String) { base.fail(reason) }
  public var times: [RankTimes] { base.times }
  public func takeStragglers() -> [Straggler] { base.takeStragglers() }

  public func leave() throws {
    Self.finish()
    try base.leave()
  }
}
