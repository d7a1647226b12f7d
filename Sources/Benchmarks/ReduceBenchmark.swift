import Bootstrap
import Collectives
import DataParallel
import Tensors

/// Sums over the ranks of a group at several sizes, beside a bare socket that carries the same bytes both ways.
package struct ReduceBenchmark {
  package struct Figures {
    package let bytes: Int
    package let ranks: Int
    /// Medians, in seconds: a sum, and the bare exchange of as many bytes.
    package let sum: Double
    package let exchange: Double

    /// Bytes a second of the vector.
    package var rate: Double { Double(bytes) / sum }
    /// Bytes a second that a rank sends: a sum sends 2 (p - 1) / p of the vector.
    package var busRate: Double { rate * 2 * Double(ranks - 1) / Double(ranks) }
    package var exchangeRate: Double { Double(bytes) / exchange }
    package var share: Double { busRate / exchangeRate }
  }

  /// From a message's latency to the gradient of MiniLM.
  package static let sizes = [4 << 10, 64 << 10, 1 << 20, 4 << 20, 25 << 20, 64 << 20, 91 << 20]

  private let group: any Group
  private let reduction: any Reduction.Type

  package init(_ group: any Group, reduction: ReductionKind) {
    self.group = group
    self.reduction = reduction.reduction
  }

  /// Measures every size; the figures mean something on rank 0.
  package func run(sizes: [Int], rounds: Int, report: (Figures) throws -> Void) throws {
    let link = group.rank == 0 ? try RawLink() : nil
    for bytes in sizes {
      // Enough sums a round that the barriers around it do not count.
      let times = max(4, min(200, (64 << 20) / bytes))
      var (sums, exchanges): ([Double], [Double]) = ([], [])
      // As the gradients of a training run lie.
      let shared = group.makeSharedVector(count: bytes / 4)
      let values = shared?.pointer ?? AlignedMemory.allocate(bytes / 4)
      defer { if shared == nil { AlignedMemory.release(values) } }
      values.update(repeating: 0, count: bytes / 4)
      try sum(values, count: bytes / 4)
      for _ in 0..<rounds {
        try group.barrier(name: "round", step: 0)
        let timing = try Timing.of { for _ in 0..<times { try sum(values, count: bytes / 4) } }
        sums.append(timing.wall / Double(times))
        try group.barrier(name: "sums", step: 0)
        if let link { exchanges.append(link.exchange(bytes: bytes, times: times)) }
      }
      if group.rank == 0 {
        try report(Figures(bytes: bytes, ranks: group.size, sum: sums.median, exchange: exchanges.median))
      }
    }
  }

  private func sum(_ values: UnsafeMutablePointer<Float>, count: Int) throws {
    try reduction.sum(
      [values], count: count, shares: (0..<group.size).map { $0..<$0 + 1 }, over: group, name: "benchmark", step: 0)
  }
}
