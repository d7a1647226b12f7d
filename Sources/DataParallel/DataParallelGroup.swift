import Collectives
import Compression
import Data
import Schedules
import Tensors
import Tracing

/// The ranks of a run as the trainer sees them: who computes which microbatches, and how their results become one.
public final class DataParallelGroup {
  public let group: any Group
  /// Where this rank's time is recorded.
  public var tracer = Tracer.off
  package let reduction: ReductionSettings
  /// The relative speed of each rank, by which microbatches are dealt out; nil for equal ranks.
  private let weights: [Int]?
  private let minimumTableRows: Int
  private let longestBucket: Int
  /// Smaller tables cost less than the agreement about their rows.
  package static let minimumTableRows = 4096
  /// The large tables of the arenas that are reduced, known from the first one.
  private var sparse: SparseTables?
  /// What sums go through where fewer bits are sent.
  private let compressed: CompressedSum?
  private var residual: Arena?

  /// - Parameter weights: the relative speed of each rank, the same list on all ranks; with `ordered` they change no bit.
  public convenience init(_ group: any Group, reduction: ReductionSettings = .ring, weights: [Int]? = nil) {
    self.init(group, reduction: reduction, weights: weights, longestBucket: nil)
  }

  /// - Parameters:
  ///   - minimumTableRows: from how many rows on a matrix is taken for a table of which few rows are not zero.
  ///   - longestBucket: elements that are summed at once, at most; a multiple of 16; nil for what suits the number of ranks.
  package init(
    _ group: any Group, reduction: ReductionSettings, weights: [Int]? = nil,
    minimumTableRows: Int = DataParallelGroup.minimumTableRows, longestBucket: Int?
  ) {
    precondition(weights.map { $0.count == group.size } ?? true, "\(weights ?? []) for \(group.size) ranks")
    self.group = group
    self.reduction = reduction
    self.weights = weights
    self.minimumTableRows = minimumTableRows
    self.longestBucket = longestBucket ?? Buckets.longest(ranks: group.size)
    compressed = group.size > 1 ? reduction.wire.map { CompressedSum($0) } : nil
  }

  public var rank: Int { group.rank }
  public var size: Int { group.size }
  /// The host of each rank.
  public var hosts: [String] { group.hosts }
  /// Bytes that this rank sent so far.
  package var bytesSent: Int { group.bytesSent }
  public var isRoot: Bool { rank == 0 }

  /// Where the time of the thread that trains is recorded.
  package var track: Track { tracer.training }

  /// Says what this rank does, for heartbeats and verdicts.
  package func note(step: Int, phase: String) { group.note(step: step, phase: phase) }

  /// Whether ranks add every gradient; a single one has nothing to add, nor have ranks that take local steps.
  package var sumsGradients: Bool { size > 1 && reduction.outer == nil }

  /// Whether each of this rank's subtrees is its own term in a sum.
  var keepsSubtrees: Bool { method.keepsSubtrees }

  private var method: any Reduction.Type { reduction.kind.reduction }

  /// Whether a sum begins while the backward pass still works: where nothing is said, if the ranks are on several hosts.
  package var overlapsSums: Bool {
    sumsGradients && method.overlaps && reduction.overlap ?? (Set(hosts).count > 1)
  }

  /// This rank's contiguous share of `leaves` microbatches.
  package func share(of leaves: Int) -> Range<Int> { shares(of: leaves)[rank] }

  package func shares(of leaves: Int) -> [Range<Int>] {
    SummationTree.shares(leaves: leaves, ranks: size, weights: weights)
  }

  /// An arena for what is summed at every step: in memory that the ranks of a host share, where whole floats are summed in it.
  package func arena(_ layout: ArenaLayout) -> Arena {
    guard compressed == nil, reduction.outer == nil, let vector = group.makeSharedVector(count: layout.count) else {
      return Arena(layout: layout)
    }
    return Arena(layout: layout, at: vector.pointer, of: vector)
  }

  /// The remainder that this rank's sums did not send yet, of arenas of this layout; nil where whole floats are sent.
  package func residual(_ layout: ArenaLayout) -> Arena? {
    if compressed != nil, residual == nil { residual = Arena(layout: layout) }
    return residual
  }

  /// The large tables of the arenas that are reduced.
  func tables(of layout: ArenaLayout) -> SparseTables {
    let tables = sparse ?? SparseTables(layout, minimumRows: minimumTableRows)
    sparse = tables
    return tables
  }

  /// In which pieces the rest of them is added.
  func buckets(of layout: ArenaLayout) -> Buckets { Buckets(tables(of: layout).stretches, longest: longestBucket) }

  /// Adds one stretch of memory over all ranks, in the order that the recipe states.
  func add(_ buffers: [UnsafeMutablePointer<Float>], count: Int, _ leaves: Int, _ name: String, _ step: Int) throws {
    if let compressed {
      return try compressed.sum(buffers[0], residual: buffers[1], count: count, over: group, name: name, step: step)
    }
    try method.sum(
      buffers, count: count, shares: shares(of: leaves), over: group, name: name, step: step)
  }

  /// Everyone's numbers (of 64 bits each), in rank order: the same on all ranks.
  package func gather<Number: BitwiseCopyable>(_ values: [Number], name: String, step: Int) throws -> [[Number]] {
    guard group.size > 1 else { return [values] }
    let size = MemoryLayout<Number>.size
    precondition(size == 8, "\(name): numbers of \(size) bytes, not 8")
    let everyone = try track.span(.exchange) {
      try group.allGather(values.withUnsafeBytes(Array.init), name: name, step: step)
    }
    return everyone.map { bytes in
      precondition(bytes.count % size == 0, "\(name): \(bytes.count) bytes are no whole numbers of \(size)")
      return bytes.withUnsafeBytes { bytes in
        (0..<bytes.count / size).map { bytes.loadUnaligned(fromByteOffset: size * $0, as: Number.self) }
      }
    }
  }

  /// One rank's arena on every rank; rank 0's by default.
  package func broadcast(_ arena: Arena, from root: Int = 0, name: String, step: Int) throws {
    guard size > 1 else { return }
    try track.span(.exchange) {
      try group.broadcast(UnsafeMutableRawBufferPointer(arena.values), root: root, name: name, step: step)
    }
  }

  /// Rank 0's text on every rank.
  package func broadcast(_ text: String?, name: String, step: Int) throws -> String? {
    guard size > 1 else { return text }
    let everyone = try group.allGather(isRoot ? Array((text ?? "").utf8) : [], name: name, step: step)
    let chosen = String(decoding: everyone[0], as: UTF8.self)
    return chosen.isEmpty ? nil : chosen
  }

  /// Everyone's outcome on every rank: all bytes in rank order, or the failure of the first rank that failed.
  package func exchange(
    _ own: Result<[UInt8], any Error>, name: String, step: Int
  ) throws -> Result<[[UInt8]], any Error> {
    let message: [UInt8] =
      switch own {
      case .success(let bytes): [PeerFailure.none] + bytes
      case .failure(let error): [PeerFailure.mark(error)] + Array(String(describing: error).utf8)
      }
    let everyone = size > 1 ? try group.allGather(message, name: name, step: step) : [message]
    if case .failure = own { return own.map { [$0] } }
    if let failed = everyone.firstIndex(where: { $0.first != PeerFailure.none }) {
      return .failure(PeerFailure(rank: failed, message: everyone[failed]))
    }
    return .success(everyone.map { Array($0.dropFirst()) })
  }
}
