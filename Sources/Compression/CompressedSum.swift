import Collectives

/// Sums over ranks that send few bytes, with error feedback: what a code leaves out is added the next time.
///
/// The vector is cut into one chunk a rank.
///
///     every rank   sends each chunk's owner its code of (values + residual), and keeps what the code leaves out
///     the owner    adds what the codes of all ranks stand for, in rank order and its own as decoded; sends all ranks the code
///                  of the sum, and adds what that leaves out to its residual
///     every rank   takes what the codes of the sums stand for, the owner too: all ranks have the same bits
///
/// So each term is rounded once and the sum once, whatever the number of ranks; round a ring the error would grow with it. Over
/// all ranks the residuals and the result are what went in: nothing is lost for good.
///
/// - Papers: Seide et al., 1-bit stochastic gradient descent (2014), for the residual; Tang et al., 1-bit Adam, arXiv:2102.02888,
///   for compressing twice. One residual serves both, as what the owner's code of the sum leaves out may as well come from
///   the owner's own term the next time.
/// - A block of 256 elements of which one is not finite comes out as not finite, on all ranks.
/// - Sends: 2 (p - 1) / p times the code of the vector.
///
/// Not safe for use from two threads.
public final class CompressedSum {
  public let format: WireFormat
  private var outgoing = Room()
  private var incoming = Room()
  private var sums = Room()
  private var lost = Room()

  public init(_ format: WireFormat) { self.format = format }

  /// The part of a vector that a rank adds up.
  package static func chunk(_ rank: Int, of ranks: Int, count: Int) -> Range<Int> {
    func border(_ index: Int) -> Int {
      index == ranks ? count : count / WireFormat.block * index / ranks * WireFormat.block
    }
    return border(rank)..<border(rank + 1)
  }

  /// How many bytes one rank sends for a sum of `count` floats.
  public func bytesSent(by rank: Int, of ranks: Int, count: Int) -> Int {
    let codes = (0..<ranks).map { format.bytes(Self.chunk($0, of: ranks, count: count).count) }
    return codes.reduce(0, +) - codes[rank] + (ranks - 1) * codes[rank]
  }

  /// Sums `count` floats over all ranks, in place.
  ///
  /// - Parameter residual: of as many elements; this rank's own, zero at first, and left alone between sums.
  public func sum(
    _ values: UnsafeMutablePointer<Float>, residual: UnsafeMutablePointer<Float>, count: Int, over group: any Group,
    name: String, step: Int
  ) throws {
    let chunks = (0..<group.size).map { Self.chunk($0, of: group.size, count: count) }
    let lengths = chunks.map { format.bytes($0.count) }
    let starts = lengths.reduce(into: [0]) { $0.append($0.last! + $1) }
    let codes = outgoing.take(starts[group.size])
    for (chunk, start) in zip(chunks, starts) {
      format.encode(
        values + chunk.lowerBound, residual: residual + chunk.lowerBound, count: chunk.count,
        into: codes.baseAddress! + start)
    }
    let terms = incoming.take(group.size * lengths[group.rank])
    try group.allToAll(codes, lengths: lengths, into: terms, name: name, step: step)
    addUp(
      terms, chunks[group.rank], values: values, residual: residual,
      into: codes.baseAddress! + starts[group.rank], length: lengths[group.rank])
    try group.allGather(in: codes, lengths: lengths, name: name + ", sums", step: step)
    for (chunk, start) in zip(chunks, starts) {
      format.decode(codes.baseAddress! + start, count: chunk.count, into: values + chunk.lowerBound)
    }
  }

  /// Adds the terms of this rank's chunk, and encodes the sum.
  private func addUp(
    _ terms: UnsafeMutableRawBufferPointer, _ chunk: Range<Int>, values: UnsafeMutablePointer<Float>,
    residual: UnsafeMutablePointer<Float>, into code: UnsafeMutableRawPointer, length: Int
  ) {
    let bytes = chunk.count * MemoryLayout<Float>.size
    let sum = sums.take(bytes).baseAddress!.bindMemory(to: Float.self, capacity: chunk.count)
    let untold = lost.take(bytes).baseAddress!.bindMemory(to: Float.self, capacity: chunk.count)
    sum.update(repeating: 0, count: chunk.count)
    untold.update(repeating: 0, count: chunk.count)
    for start in stride(from: 0, to: terms.count, by: max(1, length)) {
      format.add(terms.baseAddress! + start, count: chunk.count, to: sum)
    }
    format.encode(sum, residual: untold, count: chunk.count, into: code)
    let own = residual + chunk.lowerBound
    for index in 0..<chunk.count { own[index] += untold[index] }
  }
}

/// Aligned memory that grows as it is asked for.
private final class Room {
  private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 64)

  deinit { memory.deallocate() }

  func take(_ bytes: Int) -> UnsafeMutableRawBufferPointer {
    if memory.count < bytes {
      memory.deallocate()
      memory = .allocate(byteCount: bytes, alignment: 64)
      _ = memory.initializeMemory(as: UInt8.self, repeating: 0)
    }
    return UnsafeMutableRawBufferPointer(rebasing: memory[..<bytes])
  }
}
