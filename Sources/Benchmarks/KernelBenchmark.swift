import Optimizers
import Tensors
import Transport

/// Every fast loop alone on one thread, beside what the machine can do: a copy of as much memory, or one large product.
package struct KernelBenchmark {
  package struct Figures {
    package let name: String
    /// `bytes` or `operations`.
    package let unit: String
    /// Of the unit, in a second.
    package let rate: Double
    package let floorRate: Double
    package var share: Double { rate / floorRate }
  }

  private static let roundSeconds = 0.01

  package init() {}

  package func run(rounds: Int, report: (Figures) throws -> Void) rethrows {
    for kernel in TensorKernels.cases + OptimizerBenchmarks.cases + Self.linkCases {
      try report(measure(kernel, rounds: rounds))
    }
  }

  /// The loops of the links, on a segment that is in the cache.
  private static var linkCases: [KernelCase] {
    let count = 64 << 10
    let bytes = count * MemoryLayout<Float>.stride
    let memory = BenchmarkMemory(arrays: 3, of: count)
    return [
      KernelCase("link_add", arrays: 3, of: count, footprint: 3 * bytes) {
        System.add(memory[0], memory[1], memory[2], count: count)
      },
      KernelCase("crc32c", arrays: 1, of: count, footprint: bytes) {
        _ = System.crc32c(UnsafeRawBufferPointer(start: memory[0], count: bytes))
      },
    ]
  }

  private func measure(_ kernel: KernelCase, rounds: Int) -> Figures {
    switch kernel.work {
    case .bytes(let bytes):
      let copy = KernelCase.copy(footprint: kernel.footprint)
      guard case .bytes(let copied) = copy.work else { preconditionFailure("a copy moves bytes") }
      let seconds = pairs(kernel.run, copy.run, rounds: rounds)
      return Figures(
        name: kernel.name, unit: "bytes", rate: Double(bytes) / seconds.0, floorRate: Double(copied) / seconds.1)
    case .operations(let operations, let precision):
      let large = LargeProduct(precision: precision)
      let seconds = pairs(kernel.run, large.run, rounds: rounds)
      return Figures(
        name: kernel.name, unit: "operations", rate: operations / seconds.0,
        floorRate: LargeProduct.operations / seconds.1)
    }
  }

  /// Medians of seconds a run of each, in turn.
  private func pairs(_ first: () -> Void, _ second: () -> Void, rounds: Int) -> (Double, Double) {
    let times = (repetitions(first), repetitions(second))
    var (firsts, seconds): ([Double], [Double]) = ([], [])
    for _ in 0..<rounds {
      firsts.append(Timing.of { for _ in 0..<times.0 { first() } }.wall / Double(times.0))
      seconds.append(Timing.of { for _ in 0..<times.1 { second() } }.wall / Double(times.1))
    }
    return (firsts.median, seconds.median)
  }

  /// How many runs make a round, after one that touches all memory.
  private func repetitions(_ body: () -> Void) -> Int {
    body()
    return max(1, Int(Self.roundSeconds / max(1e-9, Timing.of(body).wall)))
  }
}
