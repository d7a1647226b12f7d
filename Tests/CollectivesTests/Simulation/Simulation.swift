import Collectives

/// A job on a virtual network, driven event by event from one seed; the same seed gives the same run.
struct Simulation {
  /// Something that goes wrong, at a given event.
  enum Fault: Equatable {
    case kill(Int)
    case freeze(Int)
    case pause(Int)
    case cut(Int, Int)
    case blackHole(Int, Int, bothWays: Bool)
    case silence(Int)
    case damage(Int, Int, isControl: Bool)
    case giveUp(Int)
    case otherOperation(Int)
    case leftOutOperation(Int)

    /// Whether it is in a rank's program from the start.
    var isProgramError: Bool {
      switch self {
      case .otherOperation, .leftOutOperation: true
      default: false
      }
    }

    /// Whom a verdict may name.
    var culprits: Set<Int> {
      switch self {
      case .kill(let rank), .freeze(let rank), .giveUp(let rank): [rank]
      case .cut(let one, let other), .blackHole(let one, let other, _), .damage(let one, let other, _): [one, other]
      case .silence(let rank): [0, rank]
      case .otherOperation(let rank), .leftOutOperation(let rank): [rank]
      case .pause: []
      }
    }
  }

  let size: Int
  var time: UInt64 = 0
  var events = 0
  var ranks: [SimulatedRank] = []
  var pipes: [Route: Pipe] = [:]
  var random: SplitMix
  var pending: [(at: Int, fault: Fault)] = []
  /// The faults that have struck, and when the last did.
  var struck: [Fault] = []
  var struckAt: UInt64 = 0
  /// The directions whose end their reader has seen.
  var gone = Set<Route>()
  let delays: Bool

  /// One direction of a connection.
  struct Route: Hashable {
    var from: Int
    var to: Int
    var isControl: Bool
  }

  /// `weaken` changes the protocol's deadlines: a planted fault, for the test that the simulation finds one.
  init(
    seed: UInt64, size: Int, faults: [(at: Int, fault: Fault)] = [], weaken: (inout Settings) -> Void = { _ in }
  ) {
    self.size = size
    random = SplitMix(state: seed)
    delays = random.once(in: 2)
    pending = faults.filter { !$0.fault.isProgramError }
    struck = faults.map(\.fault).filter(\.isProgramError)
    let program = Program(size: size, random: &random, weaken: weaken)
    let skews = random.once(in: 2)
    for rank in 0..<size {
      ranks.append(SimulatedRank(rank: rank, size: size, program: program, random: &random, skews: skews))
    }
    for rank in ranks {
      for link in rank.links {
        let route = Route(from: rank.rank, to: link.peer, isControl: link.isControl)
        pipes[route] = Pipe()
        // Control messages are few and small against any kernel's buffer.
        pipes[route]!.capacity = link.isControl ? 16_384 : [64, 100, 1000, 65_536][random.below(4)]
      }
    }
    for case (_, .otherOperation(let rank)) in faults { ranks[rank].oddTask = (program.tasks.count - 1, false) }
    for case (_, .leftOutOperation(let rank)) in faults { ranks[rank].oddTask = (program.tasks.count - 1, true) }
  }
}
