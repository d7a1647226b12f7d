import Tensors

/// Attention: plain, with a window, and with relative positions.
extension OperationCases {
  static func attentionCase(
    lengths: [Int32], queries: [Int32]? = nil, heads: Int, depth: Int, window: Int? = nil, mask: DropoutMask?
  ) -> OperationCase {
    let all = offsets(lengths)
    let asking = queries.map(offsets)
    let rows = lengths.indices.map { Int32(5 + 2 * $0) }
    return OperationCase(
      name: "attention \(lengths) by \(queries ?? lengths), \(heads) heads of \(depth)"
        + (window.map { ", window \($0)" } ?? "") + (mask == nil ? "" : " with mask"),
      twin: .attention(
        width: heads * depth, heads: heads, rows: rows, offsets: all, queryOffsets: asking ?? all, window: window,
        mask: mask),
      tensors: [asking ?? all, all, all].map { [Int($0.last ?? 0), heads * depth] }, rows: rows
    ) { pass, leaves in
      pass.attention(
        query: leaves.tensors[0], key: leaves.tensors[1], value: leaves.tensors[2], heads: heads, offsets: all,
        queryOffsets: asking, window: window, mask: mask)
    }
  }

  static var attentions: [OperationCase] {
    [([], 2, 3), ([1], 1, 1), ([5], 2, 4), ([3, 0, 9, 16], 2, 3), ([17, 33], 1, 8)].flatMap {
      (lengths: [Int32], heads, depth) in
      [
        attentionCase(lengths: lengths, heads: heads, depth: depth, mask: nil),
        attentionCase(lengths: lengths, heads: heads, depth: depth, mask: mask),
        attentionCase(lengths: lengths, queries: lengths.map { min($0, 1) }, heads: heads, depth: depth, mask: mask),
      ]
    } + [attentionCase(lengths: [4, 2, 7], queries: [3, 0, 7], heads: 2, depth: 3, mask: nil)]
  }

  static var windows: [OperationCase] {
    [0, 1, 3, 8, 60, .max].flatMap { window in
      [
        attentionCase(lengths: [5], heads: 2, depth: 4, window: window, mask: nil),
        attentionCase(lengths: [3, 0, 41, 33], heads: 2, depth: 3, window: window, mask: nil),
        attentionCase(lengths: [3, 0, 41, 33], heads: 2, depth: 3, window: window, mask: mask),
        attentionCase(lengths: [4, 70], queries: [1, 1], heads: 1, depth: 4, window: window, mask: mask),
      ]
    }
  }

  /// Which terms of the distances there are.
  enum Terms: CaseIterable {
    case keys, queries, both, none
  }

  static func disentangledCase(
    lengths: [Int32], queries: [Int32]? = nil, heads: Int, depth: Int, _ positions: RelativePositions,
    _ terms: Terms = .both, scale: Int? = nil, mask: DropoutMask?
  ) -> OperationCase {
    let all = offsets(lengths)
    let asking = queries.map(offsets)
    let rows = lengths.indices.map { Int32(5 + 2 * $0) }
    let (hasKeys, hasQueries) = (terms == .keys || terms == .both, terms == .queries || terms == .both)
    let count = 1 + (hasKeys ? 1 : 0) + (hasQueries ? 1 : 0)
    let table: Shape = [2 * positions.span, heads * depth]
    return OperationCase(
      name: "disentangled attention \(lengths) by \(queries ?? lengths), \(heads) heads of \(depth), \(terms), "
        + "\(positions.span) of \(positions.maximum)" + (mask == nil ? "" : " with mask"),
      twin: .attention(
        width: heads * depth, heads: heads, rows: rows, offsets: all, queryOffsets: asking ?? all,
        tables: PositionTables(positions, hasKeys: hasKeys, hasQueries: hasQueries, terms: scale ?? count),
        mask: mask),
      tensors: [asking ?? all, all, all].map { [Int($0.last ?? 0), heads * depth] }
        + Array(repeating: table, count: count - 1), rows: rows, tolerance: 4e-6
    ) { pass, leaves in
      pass.disentangledAttention(
        query: leaves.tensors[0], key: leaves.tensors[1], value: leaves.tensors[2],
        positionKey: hasKeys ? leaves.tensors[3] : nil, positionQuery: hasQueries ? leaves.tensors[count + 1] : nil,
        positions: positions, terms: scale, heads: heads, offsets: all, queryOffsets: asking, mask: mask)
    }
  }

  static var disentangled: [OperationCase] {
    let (plain, bucketed) = (
      RelativePositions(maximum: 9, buckets: nil), RelativePositions(maximum: 30, buckets: 8)
    )
    return Terms.allCases.flatMap { terms in
      [
        disentangledCase(lengths: [3, 0, 17], heads: 2, depth: 3, plain, terms, mask: nil),
        disentangledCase(lengths: [3, 0, 17], heads: 2, depth: 3, bucketed, terms, mask: mask),
      ]
    } + [
      disentangledCase(lengths: [], heads: 2, depth: 3, plain, mask: nil),
      disentangledCase(lengths: [1], heads: 1, depth: 1, plain, mask: nil),
      disentangledCase(lengths: [33, 40], heads: 1, depth: 8, bucketed, scale: 1, mask: mask),
      disentangledCase(lengths: [9, 35], queries: [1, 1], heads: 2, depth: 3, bucketed, mask: mask),
      disentangledCase(lengths: [4, 2, 7], queries: [3, 0, 7], heads: 2, depth: 3, plain, mask: nil),
    ]
  }

  static var largeAttentions: [OperationCase] {
    [
      attentionCase(lengths: [7, 0, 75, 1], heads: 3, depth: 5, window: 9, mask: mask),
      disentangledCase(
        lengths: [7, 0, 70, 1], heads: 3, depth: 5, RelativePositions(maximum: 64, buckets: 16), mask: mask),
    ]
  }
}
