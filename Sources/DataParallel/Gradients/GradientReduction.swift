import Diagnostics
import Dispatch
import Tensors
import Tracing

/// One sum of a gradient over all ranks: bucket by bucket from the back of the arena to its front, then the large tables.
///
/// It may begin next to the backward pass of the rank's last microbatch, on its own thread that adds each bucket as soon
/// as the pass has filled it. The last bucket is full when the pass is over: the caller adds it, so small models do
/// without the thread. All ranks add the same buckets in the same order, whether beside the pass or after it, so the one changes
/// no bit of the other and goes with it. From `begin` to `finish` the group belongs to that thread.
///
/// Unchecked Sendable: the thread touches what it has been given alone, the ranks' sums and the part of the arenas behind the front,
/// and the semaphore orders both threads' accesses to that; `finish` waits for the thread's end.
package final class GradientReduction: @unchecked Sendable {
  private let local: LocalSum
  private let replicas: DataParallelGroup
  private let name: String
  private let step: Int
  private let sparse: SparseTables
  private let buckets: [Range<Int>]
  /// Those that a thread adds, where there is one.
  private var early: ArraySlice<Range<Int>> = []
  /// How many of them the backward pass has filled, of which the thread knows.
  private var ready = 0
  private let filled = DispatchSemaphore(value: 0)
  private var thread: Background<Void>?
  private var front: GradientFront?

  package init(_ local: LocalSum, over replicas: DataParallelGroup, name: String, step: Int) {
    self.local = replicas.keepsSubtrees ? local : local.joined()
    self.replicas = replicas
    self.name = name
    self.step = step
    sparse = replicas.tables(of: local.output.layout)
    buckets = replicas.buckets(of: local.output.layout).ranges
  }

  // MARK: Beside the backward pass

  /// Begins to add what becomes final from now on.
  package func begin() {
    early = buckets.dropLast()
    guard !early.isEmpty else { return }
    front = GradientFront(local.output.layout, leavingOut: Set(sparse.tables.map(\.name)))
    signalFilled()
    thread = Background(name: "lockstep sums") { [self] _ in
      let track = replicas.tracer.sums
      for bucket in early {
        filled.wait()
        try track.span(.reduction, name) { try add(bucket, track) }
      }
    }
  }

  /// The gradient of the parameter with this place in the layout is final.
  package func end(_ slice: Int) {
    front?.end(slice)
    signalFilled()
  }

  private func signalFilled() {
    guard let position = front?.position else { return }
    while ready < early.count, position <= early[ready].lowerBound {
      ready += 1
      filled.signal()
    }
  }

  // MARK: After it

  /// Waits until everything is added; the result is in the output, on all ranks.
  package func finish() throws {
    let track = replicas.track
    if let thread { try join(thread) }
    for bucket in buckets[early.endIndex...] { try add(bucket, track) }
    for table in sparse.tables { try add(table, track) }
  }

  private func join(_ thread: Background<Void>) throws {
    replicas.note(step: step, phase: "reduction")
    while ready < early.count {
      ready += 1
      filled.signal()
    }
    let result = thread.result()
    replicas.note(step: step, phase: "compute")
    guard case .failure(let error) = result else { return }
    // The group reports its failure to this thread, too, and learns that the program knows.
    try replicas.group.barrier(name: name, step: step)
    throw error
  }

  private func add(_ bucket: Range<Int>, _ track: Track) throws {
    close(bucket, track)
    FaultInjection.reach("sum", rank: replicas.rank, number: UInt64(step))
    // What a rank without microbatches holds means nothing.
    if local.isEmpty { local.output.pointer(to: bucket).update(repeating: 0, count: bucket.count) }
    try replicas.add(arenas.map { $0.pointer(to: bucket) }, count: bucket.count, local.leaves, name, step)
  }

  /// Of a table with few rows that are not zero, these rows alone.
  private func add(_ table: SparseTables.Table, _ track: Track) throws {
    close(table.range, track)
    let held = sparse.heldRows(of: table, in: local.isEmpty ? [] : local.arenas)
    let everyone = try replicas.group.allGather(held, name: "\(name): rows of \(table.name)", step: step)
    if local.isEmpty { local.output.pointer(to: table.range).update(repeating: 0, count: table.range.count) }
    guard let rows = sparse.union(everyone, of: table) else {
      let buffers = arenas.map { $0.pointer(to: table.range) }
      return try replicas.add(buffers, count: table.range.count, local.leaves, name, step)
    }
    let returning = replicas.residual(local.output.layout) == nil ? 1 : 2
    try sparse.withRows(rows, of: table, in: arenas, returning: returning) {
      try replicas.add($0, count: $1, local.leaves, name, step)
    }
  }

  private func close(_ range: Range<Int>, _ track: Track) {
    guard !local.additions.isEmpty else { return }
    track.span(.accumulation) { local.close(range) }
  }

  /// What is summed, and what earlier sums left untold where fewer bits are sent.
  private var arenas: [Arena] {
    replicas.residual(local.output.layout).map { [local.output, $0] } ?? local.arenas
  }
}

extension DataParallelGroup {
  /// Sums gradients over all ranks, in place, in the order that the recipe's `reduction` states.
  ///
  /// - Parameter subtrees: this rank's complete subtrees of the tree over all `leaves`, each with its sum; the result is in
  ///   the first arena, or in `output` where the rank has none.
  package func reduce(
    _ subtrees: [(leaves: Range<Int>, sum: Arena)], of leaves: Int, output: Arena, name: String, step: Int
  ) throws {
    guard group.size > 1 else {
      precondition(subtrees.count == 1, "one rank holds the whole tree, not \(subtrees.count) parts")
      return
    }
    let local = LocalSum(leaves: leaves, subtrees: subtrees, output: output)
    try GradientReduction(local, over: self, name: name, step: step).finish()
  }

  /// Sums an arena over all ranks, in place; any order but `ordered`.
  package func sum(_ arena: Arena, name: String, step: Int) throws {
    try reduce([(rank..<rank + 1, arena)], of: group.size, output: arena, name: name, step: step)
  }
}
