import Collectives
import Foundation
import Synchronization
import Testing

@Suite("The protocol on a virtual network")
struct SimulationTests {
  /// How many seeds run; LOCKSTEP_SCHEDULES asks for another number, such as a million overnight.
  static let schedules = ProcessInfo.processInfo.environment["LOCKSTEP_SCHEDULES"].flatMap { Int($0) } ?? usual

  #if DEBUG
    private static let usual = 1_000
    private static let deathSeeds: UInt64 = 1
  #else
    private static let usual = 100_000
    private static let deathSeeds: UInt64 = 5
  #endif

  /// The faults of a seed: often none, often one, now and then two.
  static func faults(seed: UInt64, size: Int) -> [(at: Int, fault: Simulation.Fault)] {
    var random = SplitMix(state: seed ^ 0xfa17)
    return (0..<[0, 1, 1, 1, 2][random.below(5)]).map { _ in
      let rank = random.below(size)
      let other = (rank + 1 + random.below(size - 1)) % size
      let high = 1 + random.below(size - 1)
      let fault: Simulation.Fault =
        switch random.below(11) {
        case 0, 1: .kill(rank)
        case 2: .freeze(rank)
        case 3: .pause(rank)
        case 4: .cut(rank, other)
        case 5: .blackHole(rank, other, bothWays: random.once(in: 2))
        case 6: .silence(high)
        case 7: .damage(rank, other, isControl: false)
        case 8: random.once(in: 2) ? .damage(0, high, isControl: true) : .damage(high, 0, isControl: true)
        case 9: .giveUp(rank)
        default: random.once(in: 2) ? .otherOperation(rank) : .leftOutOperation(rank)
        }
      return (random.below(400), fault)
    }
  }

  @Test("gives the right bits on all ranks, or ends everywhere in time and blames no healthy rank, for every seed")
  func seeds() {
    let complaints = Mutex<[String]>([])
    let counts = Mutex((completed: 0, failed: 0, events: 0))
    let workers = 2
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      for seed in stride(from: UInt64(worker), to: UInt64(Self.schedules), by: workers) {
        if complaints.withLock({ $0.count }) >= 10 { return }
        let size = 2 + Int(seed % 4)
        var simulation = Simulation(seed: seed, size: size, faults: Self.faults(seed: seed, size: size))
        let outcome = simulation.run()
        counts.withLock {
          outcome.isCompleted ? ($0.completed += 1) : ($0.failed += 1)
          $0.events += outcome.events
        }
        if let complaint = outcome.complaint {
          complaints.withLock { $0.append("seed \(seed), \(size) ranks: \(complaint)") }
        }
      }
    }
    let all = complaints.withLock { $0 }
    #expect(all.isEmpty, "\(all.count) of \(Self.schedules): \(all.prefix(20).joined(separator: "\n"))")
    let (completed, failed, events) = counts.withLock { $0 }
    #expect(completed > Self.schedules / 8 && failed > Self.schedules / 8, "\(completed) completed, \(failed) failed")
    print("\(Self.schedules) schedules, \(events) events: \(completed) completed, \(failed) ended by a fault")
  }

  @Test("survives the death of any rank at every single event", arguments: [2, 3])
  func everyDeath(size: Int) {
    for seed in 1...Self.deathSeeds {
      var undisturbed = Simulation(seed: seed, size: size)
      let length = undisturbed.run().events
      for event in 0..<length {
        for rank in 0..<size {
          var simulation = Simulation(seed: seed, size: size, faults: [(event, .kill(rank))])
          let outcome = simulation.run()
          if let complaint = outcome.complaint {
            Issue.record("seed \(seed), \(size) ranks, rank \(rank) killed at event \(event): \(complaint)")
            return
          }
        }
      }
    }
  }

  /// Protocols that are nearly right.
  enum Planted: CaseIterable {
    /// Ranks close their connections at once after the verdict and judge a closed one without waiting for rank 0.
    case hasty
    /// A rank counts as lost after less silence than a short pause makes.
    case impatient

    func weaken(_ settings: inout Settings) {
      switch self {
      case .hasty:
        settings.holdTime = 0
        settings.verdictTimeout = 0
      case .impatient: settings.peerTimeout = 600_000_000
      }
    }
  }

  @Test(
    "finds a planted fault: a protocol that is nearly right breaks a rule for some seed", arguments: Planted.allCases)
  func plantedFault(_ planted: Planted) {
    let found = (0..<UInt64(1000)).first { seed in
      let size = 2 + Int(seed % 4)
      var simulation = Simulation(
        seed: seed, size: size, faults: Self.faults(seed: seed, size: size), weaken: planted.weaken)
      return simulation.run().complaint != nil
    }
    #expect(found != nil)
  }

  @Test("replays a run from its seed, event by event")
  func replay() {
    for seed in 0..<UInt64(50) {
      let outcomes = (0..<2).map { _ in
        var simulation = Simulation(seed: seed, size: 3, faults: Self.faults(seed: seed, size: 3))
        return simulation.run()
      }
      #expect(outcomes[0].events == outcomes[1].events && outcomes[0].time == outcomes[1].time)
      #expect(outcomes[0].verdicts == outcomes[1].verdicts)
    }
  }
}
