/// What one rank does in one operation, planned before anything runs: pure data, tested without a network.
///
/// Words: an operation's elements are cut into *chunks*, one a rank, and each chunk into *segments*; a segment is the unit that is
/// framed, added and passed on. Through memory that ranks share it is the other way about: what fits into a slot is a segment, and
/// each segment is cut into chunks. In a ring every chunk goes from rank to rank in *rounds*; a round is over when every rank has
/// passed one chunk on. Steps to the same peer run in list order, as do steps from the same peer and local steps; beyond
/// that a step runs as soon as the steps named in `after` are done.
package struct Schedule: Sendable {
  /// Bytes of one of the operation's buffers, or of scratch memory.
  package struct Region: Sendable, Equatable {
    /// Index of the operation's buffer; `scratch` for scratch memory.
    package var buffer: Int
    package var offset: Int

    package static let scratch = -1
  }

  /// One thing to do.
  package struct Step: Sendable {
    package enum Action: Sendable, Equatable {
      /// Send the region to a peer.
      case send(to: Int)
      /// Fill the region with what a peer sends.
      case receive(from: Int)
      /// Set the region to the sum of two regions.
      case add(Region, Region)
      /// Set the region to a copy of another.
      case copy(Region)
    }

    package var action: Action
    package var region: Region
    package var bytes: Int
    /// Which of `Schedule.dependencies` must be done before.
    package var after: Range<Int>
  }

  package private(set) var steps: [Step] = []
  package private(set) var dependencies: [Int] = []
  /// Indices of steps, by peer and in order.
  package private(set) var sends: [[Int]]
  package private(set) var receives: [[Int]]
  package private(set) var locals: [Int] = []
  /// How much scratch memory the steps use.
  package private(set) var scratchBytes = 0

  package init(size: Int) {
    sends = Array(repeating: [], count: size)
    receives = Array(repeating: [], count: size)
  }

  /// Appends a step and returns its index. `nil` in `after` stands for nothing to wait for.
  @discardableResult
  package mutating func append(_ action: Step.Action, _ region: Region, bytes: Int, after: Int?...) -> Int {
    append(action, region, bytes: bytes, after: after.compactMap { $0 })
  }

  @discardableResult
  package mutating func append(_ action: Step.Action, _ region: Region, bytes: Int, after: [Int]) -> Int {
    let index = steps.count
    let first = dependencies.count
    dependencies += after
    steps.append(Step(action: action, region: region, bytes: bytes, after: first..<dependencies.count))
    switch action {
    case .send(let peer): sends[peer].append(index)
    case .receive(let peer): receives[peer].append(index)
    case .add, .copy: locals.append(index)
    }
    return index
  }

  /// Takes scratch memory, in whole cache lines.
  package mutating func takeScratch(_ bytes: Int) -> Region {
    defer { scratchBytes += (bytes + 63) / 64 * 64 }
    return Region(buffer: Region.scratch, offset: scratchBytes)
  }
}

extension Schedule.Region {
  package func advanced(by bytes: Int) -> Self { Self(buffer: buffer, offset: offset + bytes) }
}
