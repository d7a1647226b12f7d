/// In which order a sum's parts are added, element by element: the same whatever carries the bytes.
package struct SummationOrder {
  /// A part of the sum: one of a rank's buffers.
  package struct Part: Equatable {
    package let rank: Int
    package let buffer: Int
  }

  /// All parts, in rank order.
  package let parts: [Part]
  /// Buffers of the rank that brings most.
  package let most: Int
  /// Whether the vector is so short that links exchange it whole.
  package let isExchange: Bool
  /// Whether every rank brings one part.
  package let hasOnePartEach: Bool
  private let additions: [(end: Int, list: [SummationTree.Addition])]

  /// The order that `Planner` gives the operation's schedule.
  package init(_ operation: CollectiveOperation, size: Int, exchangeLimit: Int) {
    let bytes = operation.count * 4
    isExchange = operation.kind != .orderedSum && bytes * (size - 1) <= exchangeLimit
    guard operation.kind == .orderedSum else {
      parts = (0..<size).map { Part(rank: $0, buffer: 0) }
      (most, hasOnePartEach) = (1, true)
      if isExchange {
        additions = [(bytes, Self.fold(from: 0, size: size))]
      } else {
        // In a ring a chunk begins with the rank of its number.
        additions = (0..<size).map { chunk in
          (Cutting.chunk(chunk, of: size, bytes: bytes).upperBound, Self.fold(from: chunk, size: size))
        }
      }
      return
    }
    let tree = SummationTree(leaves: operation.shares.last!.upperBound)
    let subtrees = operation.shares.map(tree.subtrees(covering:))
    guard let list = tree.additions(of: subtrees.flatMap { $0 }) else {
      preconditionFailure("shares \(operation.shares) are not 0..<\(tree.leaves) in rank order")
    }
    parts = subtrees.enumerated().flatMap { rank, own in own.indices.map { Part(rank: rank, buffer: $0) } }
    hasOnePartEach = subtrees.allSatisfy { $0.count == 1 }
    most = max(1, subtrees.map(\.count).max() ?? 1)
    additions = [(bytes, list)]
  }

  /// ((first + next) + the one after) + …, round the ring.
  private static func fold(from first: Int, size: Int) -> [SummationTree.Addition] {
    (1..<size).map { SummationTree.Addition(left: first, right: (first + $0) % size) }
  }

  /// The additions of each chunk of a range of bytes.
  package func forEachChunk(of range: Range<Int>, _ body: (Range<Int>, [SummationTree.Addition]) -> Void) {
    var start = range.lowerBound
    for (end, list) in additions where end > start && start < range.upperBound {
      body(start..<min(end, range.upperBound), list)
      start = min(end, range.upperBound)
    }
  }
}
