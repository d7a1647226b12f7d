/// What the operations of one rank share: memory and threads. It lives as long as the run.
public final class Engine {
  public let pool = BufferPool()
  public let workers: Workers

  /// One for each worker.
  let multipliers: [Multiplier]

  let rotations = RotationTables()

  /// Who multiplies.
  public let numerics: Numerics

  /// The vectors of portable products.
  let units: VectorUnits

  private let multipliesBrain16: Bool

  /// Bytes of the address space without which no run gets through its first step.
  private static let leastMemory = 192 << 20

  /// - Parameters:
  ///   - threads: how many threads compute, this one included. Their number never changes a bit of a result.
  ///   - numerics: who multiplies matrices.
  public convenience init(threads: Int = 1, numerics: Numerics = .portable) {
    self.init(threads: threads, numerics: numerics, multipliesBrain16: OneDNN.multipliesBrain16)
  }

  /// - Parameters:
  ///   - units: the vectors of portable products, which change no bit.
  ///   - multipliesBrain16: whether the libraries multiply bfloat16 in hardware; tests say no to see the other way.
  package init(
    threads: Int, numerics: Numerics = .portable, units: VectorUnits = .here,
    multipliesBrain16: Bool = OneDNN.multipliesBrain16
  ) {
    // Before there are threads, whose stacks take address space as well.
    if numerics == .portable { Shortage.check(Self.leastMemory, for: "tables, weights and a step") }
    let threads = numerics == .library ? MatrixProduct.makeRoom(threads: threads) : threads
    workers = Workers(count: threads)
    multipliers = (0..<threads).map { _ in Multiplier(numerics: numerics, units: units) }
    self.numerics = numerics
    self.units = units
    self.multipliesBrain16 = numerics == .portable || multipliesBrain16 && OneDNN.multipliesBrain16
  }

  func format(of precision: Precision) -> ProductFormat {
    switch precision {
    case .fp32: .float32
    case .bf16: multipliesBrain16 ? .brain16 : .roundedBrain16
    case .fp16: .roundedHalf
    }
  }

  /// Scratch memory of `count` floats for each worker.
  func scratch(_ count: Int) -> Scratch { Scratch(engine: self, count: count) }

  /// Runs `body` on ranges that together are `0 ..< count`, on all threads.
  func forEachElements(_ count: Int, _ body: (Range<Int>) -> Void) {
    let panels = Panels.ofElements(count)
    workers.run(pieces: panels.count) { body(panels[$0]) }
  }

  /// slot [columns] (+)= the sum of the `count` rows of `parts`, in order.
  func addUp(_ parts: UnsafeMutablePointer<Float>, count: Int, columns: Int, into slot: GradientSlot) {
    if !slot.accumulates { slot.pointer.update(repeating: 0, count: columns) }
    Kernels.addColumnSums(slot.pointer, parts, rows: count, columns: columns)
  }
}

/// One block of scratch memory a worker, from the pool, for the time of one operation.
struct Scratch {
  private let buffer: Buffer
  private let stride: Int

  fileprivate init(engine: Engine, count: Int) {
    stride = (count + 15) / 16 * 16
    buffer = engine.pool.take(stride * engine.workers.count)
  }

  subscript(worker: Int) -> UnsafeMutablePointer<Float> { buffer.pointer + worker * stride }
}
