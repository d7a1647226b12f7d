import Collectives
import MessagePassing

/// `MPI_Allreduce` over the fabric that MPI drives, on the thread that started it.
package enum MPIReduction: Reduction {
  package static let kind = "mpi"
  package static let reason = "mpi suits a fabric that MPI drives"
  package static let equalRanks: Int? = 1
  package static let overlaps = false

  package static func group(over base: any Group) throws -> any Group { base.size > 1 ? try MPIGroup(base) : base }

  package static func sum(
    _ buffers: [UnsafeMutablePointer<Float>], count: Int, shares: [Range<Int>], over group: any Group, name: String,
    step: Int
  ) throws {
    // The sums of its group are MPI's.
    try group.allReduce(buffers[0], count: count, name: name, step: step)
  }
}
