import Diagnostics
import Schedules
import Transport

/// A group whose ranks speak over sockets.
package final class EngineGroup: Group {
  package let rank: Int
  package let size: Int
  package let hosts: [String]
  private let hostMap: HostMap
  private let communicator: Communicator
  private let onLeave: @Sendable () -> Void
  private let onSum: (@Sendable (inout CollectiveOperation) -> Void)?

  /// Bytes of a gathered block that travel with its length, so that small gathers take one message.
  private static let inlineBytes = 248

  package init(
    info: RankInfo, settings: Settings, transports: [Link: any ByteTransport], spin: Nanoseconds,
    hooks: Communicator.Hooks,
    hostMemory: HostMemory? = nil,
    onLeave: @escaping @Sendable () -> Void = {}
  ) {
    rank = info.rank
    size = info.size
    hosts = info.hosts
    hostMap = HostMap(rank: info.rank, machines: info.machines)
    self.onLeave = onLeave
    onSum = hooks.onSum
    communicator = Communicator(
      info: info, settings: settings, transports: transports, spin: spin, hooks: hooks, hostMemory: hostMemory)
  }

  package func makeSharedVector(count: Int) -> SharedVector? {
    // With several hosts sums inside them are staged.
    guard hostMap.members.count == 1 else { return nil }
    return communicator.withEngine { $0.hostMemory?.own }.flatMap { SharedVector(count: count, in: $0) }
  }

  package func start(_ values: UnsafeMutablePointer<Float>, count: Int, name: String, step: Int) -> CollectiveWork {
    communicator.start(sum(values, count, name, step))
  }

  package func allReduce(_ values: UnsafeMutablePointer<Float>, count: Int, name: String, step: Int) throws {
    try communicator.run(sum(values, count, name, step))
  }

  private func sum(_ values: UnsafeMutablePointer<Float>, _ count: Int, _ name: String, _ step: Int)
    -> CollectiveOperation
  {
    var operation = CollectiveOperation(.sum, name: name, step: step, count: count)
    operation.buffers = [UnsafeMutableRawPointer(values)]
    onSum?(&operation)
    return operation
  }

  package func allReduceOverHosts(_ values: UnsafeMutablePointer<Float>, count: Int, name: String, step: Int) throws {
    guard hostMap.members.count > 1 else { return try allReduce(values, count: count, name: name, step: step) }
    let kinds: [CollectiveOperation.Kind] = hostMap.sharesHosts ? [.hostScatter, .peerSum, .hostGather] : [.peerSum]
    for kind in kinds {
      var operation = CollectiveOperation(kind, name: name, step: step, count: count)
      operation.buffers = [UnsafeMutableRawPointer(values)]
      try communicator.run(operation)
    }
  }

  package func startOrdered(
    shares: [Range<Int>], buffers: [UnsafeMutablePointer<Float>], count: Int, name: String, step: Int
  ) -> CollectiveWork {
    communicator.start(orderedSum(shares, buffers, count, name, step))
  }

  package func allReduceOrdered(
    shares: [Range<Int>], buffers: [UnsafeMutablePointer<Float>], count: Int, name: String, step: Int
  ) throws {
    try communicator.run(orderedSum(shares, buffers, count, name, step))
  }

  private func orderedSum(
    _ shares: [Range<Int>], _ buffers: [UnsafeMutablePointer<Float>], _ count: Int, _ name: String, _ step: Int
  ) -> CollectiveOperation {
    precondition(shares.count == size, "\(shares.count) shares for \(size) ranks")
    let subtrees = SummationTree(leaves: shares.last!.upperBound).subtrees(covering: shares[rank]).count
    precondition(buffers.count == max(1, subtrees), "\(buffers.count) buffers for \(subtrees) subtrees")
    var operation = CollectiveOperation(.orderedSum, name: name, step: step, count: count)
    operation.shares = shares
    operation.buffers = buffers.map { UnsafeMutableRawPointer($0) }
    onSum?(&operation)
    return operation
  }

  package func allGather(_ bytes: [UInt8], name: String, step: Int) throws -> [[UInt8]] {
    let block = 8 + Self.inlineBytes
    var blocks = [UInt8](repeating: 0, count: block * size)
    withUnsafeBytes(of: UInt64(bytes.count).littleEndian) {
      blocks.replaceSubrange(rank * block..<rank * block + 8, with: $0)
    }
    let head = bytes.prefix(Self.inlineBytes)
    blocks.replaceSubrange(rank * block + 8..<rank * block + 8 + head.count, with: head)
    let blockLengths = Array(repeating: block, count: size)
    try blocks.withUnsafeMutableBytes { try allGather(in: $0, lengths: blockLengths, name: name, step: step) }

    let lengths = (0..<size).map { peer in
      blocks.withUnsafeBytes { Int($0.loadUnaligned(fromByteOffset: peer * block, as: UInt64.self).littleEndian) }
    }
    if lengths.allSatisfy({ $0 <= Self.inlineBytes }) {
      return (0..<size).map { Array(blocks[$0 * block + 8..<$0 * block + 8 + lengths[$0]]) }
    }
    var starts = [0]
    for length in lengths { starts.append(starts.last! + length) }
    var all = [UInt8](repeating: 0, count: starts[size])
    all.replaceSubrange(starts[rank]..<starts[rank + 1], with: bytes)
    try all.withUnsafeMutableBytes { try allGather(in: $0, lengths: lengths, name: name, step: step) }
    return (0..<size).map { Array(all[starts[$0]..<starts[$0 + 1]]) }
  }

  package func allGather(in bytes: UnsafeMutableRawBufferPointer, lengths: [Int], name: String, step: Int) throws {
    precondition(lengths.count == size && lengths.reduce(0, +) == bytes.count, "\(lengths) of \(bytes.count) bytes")
    var operation = CollectiveOperation(.gather, name: name, step: step, count: bytes.count)
    operation.lengths = lengths
    try withUnsafeTemporaryAllocation(byteCount: 64, alignment: 64) { scratch in
      operation.buffers = [bytes.baseAddress ?? scratch.baseAddress!]
      try communicator.run(operation)
    }
  }

  package func allToAll(
    _ outgoing: UnsafeMutableRawBufferPointer, lengths: [Int], into incoming: UnsafeMutableRawBufferPointer,
    name: String, step: Int
  ) throws {
    precondition(
      lengths.count == size && lengths.reduce(0, +) == outgoing.count && incoming.count == size * lengths[rank],
      "\(lengths) of \(outgoing.count) bytes, \(incoming.count) come in")
    var operation = CollectiveOperation(.allToAll, name: name, step: step, count: outgoing.count)
    operation.lengths = lengths
    try withUnsafeTemporaryAllocation(byteCount: 64, alignment: 64) { scratch in
      operation.buffers = [incoming, outgoing].map { $0.baseAddress ?? scratch.baseAddress! }
      try communicator.run(operation)
    }
  }

  package var bytesSent: Int { communicator.withEngine { $0.bytesSent } }

  package func broadcast(_ bytes: UnsafeMutableRawBufferPointer, root: Int, name: String, step: Int) throws {
    precondition(0..<size ~= root, "the root is rank \(root) of a group of \(size)")
    var operation = CollectiveOperation(.broadcast, name: name, step: step, count: bytes.count)
    operation.root = root
    try withUnsafeTemporaryAllocation(byteCount: 64, alignment: 64) { scratch in
      operation.buffers = [bytes.baseAddress ?? scratch.baseAddress!]
      try communicator.run(operation)
    }
  }

  package func barrier(name: String, step: Int) throws {
    try withUnsafeTemporaryAllocation(byteCount: 64, alignment: 64) { scratch in
      var operation = CollectiveOperation(.barrier, name: name, step: step, count: 0)
      operation.buffers = [scratch.baseAddress!]
      try communicator.run(operation)
    }
  }

  package var times: [RankTimes] { communicator.withEngine { $0.times } }

  package func takeStragglers() -> [Straggler] { communicator.withEngine { $0.takeStragglers() } }

  package func note(step: Int, phase: String) { communicator.note(step: step, phase: phase) }

  package func fail(_ reason: String) { communicator.fail(reason) }

  package func leave() throws {
    try communicator.leave()
    onLeave()
  }
}
