import Collectives
import Schedules

/// What the ranks of a simulated job compute, and what must come out.
struct Program {
  /// An operation with its input on every rank and the bits that it must give.
  struct Task {
    var kind: CollectiveOperation.Kind
    var count: Int
    var root = 0
    var lengths: [Int] = []
    var shares: [Range<Int>] = []
    var inputs: [[[Float]]] = []
    var expected: [Float] = []
    /// By rank, where ranks are to get different things.
    var ownExpected: [[Float]] = []
  }

  var tasks: [Task] = []
  let settings: Settings

  init(size: Int, random: inout SplitMix, weaken: (inout Settings) -> Void) {
    var settings = Settings()
    settings.segmentBytes = [64, 128, 1024][random.below(3)]
    settings.exchangeLimit = [0, 256][random.below(2)]
    settings.operationTimeout = 30_000_000_000
    weaken(&settings)
    self.settings = settings
    for _ in 0..<1 + random.below(3) { tasks.append(Self.task(size: size, settings: settings, random: &random)) }
  }

  private static func task(size: Int, settings: Settings, random: inout SplitMix) -> Task {
    let kinds: [CollectiveOperation.Kind] = [
      .sum, .sum, .orderedSum, .orderedSum, .gather, .broadcast, .barrier, .allToAll,
    ]
    var task = Task(kind: kinds[random.below(kinds.count)], count: [0, 1, 5, 33, 64, 100][random.below(6)])
    func vector(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.below(1 << 20) - 1 << 19) / 977 } }
    switch task.kind {
    case .sum:
      task.inputs = (0..<size).map { _ in [vector(task.count)] }
      task.expected = sum(task.inputs.map { $0[0] }, settings: settings)
    case .orderedSum:
      let leaves = 1 + random.below(2 * size)
      var cuts = (0..<size - 1).map { _ in random.below(leaves + 1) }.sorted()
      cuts = [0] + cuts + [leaves]
      task.shares = (0..<size).map { cuts[$0]..<cuts[$0 + 1] }
      let values = (0..<leaves).map { _ in vector(task.count) }
      func subtree(_ range: Range<Int>) -> [Float] {
        if range.count == 1 { return values[range.lowerBound] }
        let cut = SummationTree.cut(range)
        return zip(subtree(range.lowerBound..<cut), subtree(cut..<range.upperBound)).map { $0 + $1 }
      }
      task.inputs = task.shares.map { share in
        let parts = SummationTree(leaves: leaves).subtrees(covering: share).map(subtree)
        return parts.isEmpty ? [vector(task.count)] : parts
      }
      task.expected = subtree(0..<leaves)
    case .gather:
      // Blocks of whole floats, so that the oracle can compare floats.
      let counts = (0..<size).map { _ in random.below(30) }
      task.lengths = counts.map { $0 * 4 }
      let blocks = counts.map { vector($0) }
      task.expected = blocks.flatMap { $0 }
      task.count = task.expected.count * 4
      task.inputs = (0..<size).map { rank in
        [blocks.enumerated().flatMap { $0 == rank ? $1 : $1.map { _ in Float(-1) } }]
      }
    case .allToAll:
      let counts = (0..<size).map { _ in random.below(30) }
      task.lengths = counts.map { $0 * 4 }
      let parts = (0..<size).map { _ in counts.map { vector($0) } }
      task.ownExpected = (0..<size).map { reader in parts.flatMap { $0[reader] } }
      task.count = task.lengths.reduce(0, +)
      task.inputs = (0..<size).map { rank in
        [[Float](repeating: -1, count: size * counts[rank]), parts[rank].flatMap { $0 }]
      }
    case .broadcast:
      task.root = random.below(size)
      task.inputs = (0..<size).map { _ in [vector(task.count)] }
      task.expected = task.inputs[task.root][0]
      task.count *= 4
    case .hostScatter, .peerSum, .hostGather: preconditionFailure("\(task.kind) is not drawn")
    case .barrier:
      task.count = 0
      task.inputs = (0..<size).map { _ in [[]] }
    }
    return task
  }

  /// The sum by the definition of the algorithm: in rank order when exchanged whole, else round the ring from the chunk's own rank.
  private static func sum(_ vectors: [[Float]], settings: Settings) -> [Float] {
    let (size, count) = (vectors.count, vectors[0].count)
    let isExchange = count * 4 * (size - 1) <= settings.exchangeLimit
    return (0..<count).map { index in
      var first = 0
      if !isExchange {
        // Chunk borders are whole cache lines of sixteen floats; the last chunk takes the rest.
        let border = { (chunk: Int) in chunk == size ? count : count / 16 * chunk / size * 16 }
        first = (0..<size).first { border($0) <= index && index < border($0 + 1) }!
      }
      return (1..<size).reduce(vectors[first][index]) { $0 + vectors[(first + $1) % size][index] }
    }
  }

  /// The operation as one rank submits it, and the memory it lends: each buffer with a guard behind it.
  func operation(_ index: Int, rank: Int) -> (CollectiveOperation, [UnsafeMutableBufferPointer<Float>]) {
    let task = tasks[index]
    let buffers = task.inputs[rank].map { input in
      let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: input.count + 1)
      _ = buffer.initialize(from: input + [Self.guardValue])
      return buffer
    }
    var operation = CollectiveOperation(task.kind, name: "task \(index)", step: index, count: task.count)
    operation.root = task.root
    operation.lengths = task.lengths
    operation.shares = task.shares
    operation.buffers = buffers.map { UnsafeMutableRawPointer($0.baseAddress!) }
    return (operation, buffers)
  }

  static let guardValue: Float = 1234.5
}
