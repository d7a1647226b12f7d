import Support

/// What all ranks do together at one place of the sequence.
///
/// Unchecked Sendable: its buffers are lent by the caller, who leaves them alone until the operation is complete.
package struct CollectiveOperation: @unchecked Sendable {
  /// The kinds of operation. Raw values travel in signatures.
  package enum Kind: UInt8, Sendable {
    case sum = 1
    case orderedSum
    case gather
    case broadcast
    case barrier
    case allToAll
    case hostScatter
    case peerSum
    case hostGather
  }

  package var kind: Kind
  package var name: String
  package var step: Int
  /// Floats of a sum, bytes of anything else.
  package var count: Int
  /// Which rank's bytes a broadcast copies.
  package var root = 0
  /// How many bytes each rank brings to a gather, or gets of every rank in an all-to-all.
  package var lengths: [Int] = []
  /// Which leaves each rank holds in an ordered sum.
  package var shares: [Range<Int>] = []
  /// The memory it works on, lent until the operation is complete.
  package var buffers: [UnsafeMutableRawPointer] = []

  /// Whether it is summed where it lies, in memory that all ranks reach; all of them bring such memory, or none does.
  package var isInPlace = false

  /// Whether it counts floats.
  package var countsFloats: Bool { [.sum, .orderedSum, .hostScatter, .peerSum, .hostGather].contains(kind) }

  package init(_ kind: Kind, name: String, step: Int, count: Int) {
    self.kind = kind
    self.name = name
    self.step = step
    self.count = count
  }

  /// Ranks that agree about an operation have the same signature for it (FNV-1a over all that they must agree about).
  package var signature: UInt64 {
    var hash = FNV1a()
    hash.add(UInt64(kind.rawValue))
    hash.add(UInt64(bitPattern: Int64(step)))
    hash.add(UInt64(bitPattern: Int64(count)))
    hash.add(UInt64(bitPattern: Int64(root)))
    for length in lengths { hash.add(UInt64(bitPattern: Int64(length))) }
    for share in shares { hash.add(UInt64(bitPattern: Int64(share.upperBound))) }
    if isInPlace { hash.add(UInt64.max) }
    for byte in name.utf8 { hash.add(byte) }
    return hash.value
  }
}

extension CollectiveOperation: CustomStringConvertible {
  /// What it is and its name.
  package var title: String {
    switch kind {
    case .sum where isInPlace: "sum of f32[\(count)] in shared vectors '\(name)'"
    case .sum: "sum of f32[\(count)] '\(name)'"
    case .orderedSum: "ordered sum of f32[\(count)] over \(shares.last?.upperBound ?? 0) leaves '\(name)'"
    case .gather: "gather '\(name)'"
    case .broadcast: "broadcast of \(count) bytes from rank \(root) '\(name)'"
    case .barrier: "barrier '\(name)'"
    case .hostScatter: "sum inside hosts of f32[\(count)] '\(name)'"
    case .peerSum: "sum between hosts of f32[\(count)] '\(name)'"
    case .hostGather: "gather inside hosts of f32[\(count)] '\(name)'"
    case .allToAll: "all-to-all of \(count) bytes '\(name)'"
    }
  }

  package var description: String { "\(title) at step \(step)" }
}
