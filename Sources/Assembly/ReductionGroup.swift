import Collectives
import DataParallel
import MessagePassing

extension ReductionSettings {
  /// The group through which this way of reducing sums; all ranks together.
  /// - Throws: `GroupError.layout` where it wants MPI and there is none.
  public func group(over base: any Group) throws -> any Group {
    try kind.reduction.group(over: base)
  }
}

extension Group {
  /// Ends what a reduction has started beside the group, and leaves it.
  public func leaveWithMPI() throws {
    MPIGroup.finish()
    try leave()
  }
}
