import Collectives

/// One rank of a simulated job: its engine, its clock, and a program that submits one operation after another and leaves.
final class SimulatedRank {
  enum Health: Equatable {
    case well
    case pausedUntil(UInt64)
    case frozen
    case dead
  }

  let rank: Int
  let engine: Engine
  let links: [Link]
  var health = Health.well
  /// What went wrong with its results, if anything did.
  private(set) var complaint: String?
  private(set) var completed = 0
  private let program: Program
  private let clockRate: Double
  private let clockOffset: UInt64
  private let eager: Bool
  private var submitted = 0
  private var hasLeft = false
  private var lent: [[UnsafeMutableBufferPointer<Float>]] = []
  /// Which task each operation was, by the operation's number.
  private var tasks: [Int] = []
  /// Index of the task whose operation this rank submits differently, or leaves out.
  var oddTask: (index: Int, isLeftOut: Bool)?

  init(rank: Int, size: Int, program: Program, random: inout SplitMix, skews: Bool) {
    self.rank = rank
    self.program = program
    clockRate = skews ? 0.9 + Double(random.below(2001)) / 10_000 : 1
    clockOffset = UInt64(random.below(1_000_000_000)) + 1_000_000_000
    eager = random.once(in: 2)
    let info = RankInfo(rank: rank, size: size, hosts: (0..<size).map { "host\($0)" })
    engine = Engine(info: info, settings: program.settings, now: clockOffset)
    links = engine.links
  }

  deinit { for buffers in lent { for buffer in buffers { buffer.deallocate() } } }

  func local(_ time: UInt64) -> UInt64 { clockOffset + UInt64(Double(time) * clockRate) }

  /// When this rank wants to be woken, in the world's time.
  var wakesAt: UInt64 {
    let deadline = engine.nextDeadline
    return deadline == .max ? .max : UInt64(Double(deadline - min(deadline, clockOffset)) / clockRate) + 1
  }

  /// Does the next thing its program wants; returns whether there was one.
  func advance(at time: UInt64) -> Bool {
    if engine.isOver { return false }
    let mayGoOn = eager || submitted == completed
    if submitted < program.tasks.count, mayGoOn {
      if let odd = oddTask, odd.index == submitted, odd.isLeftOut {
        oddTask = nil
        submitted += 1
        completed += 1
        lent.append([])
        return true
      }
      var (operation, buffers) = program.operation(submitted, rank: rank)
      if let odd = oddTask, odd.index == submitted { operation.name = "another" }
      lent.append(buffers)
      tasks.append(submitted)
      submitted += 1
      _ = engine.submit(operation, now: local(time))
      takeCompletions()
      return true
    }
    if completed == program.tasks.count, !hasLeft {
      hasLeft = true
      engine.leave(now: local(time))
      return true
    }
    return false
  }

  /// Takes finished operations and compares their results with what must come out.
  func takeCompletions() {
    for completion in engine.takeCompletions() where completion.error == nil {
      check(tasks[Int(completion.sequence)])
      completed += 1
    }
  }

  private func check(_ index: Int) {
    guard complaint == nil, let result = lent[index].first else { return }
    let task = program.tasks[index]
    let expected = task.ownExpected.isEmpty ? task.expected : task.ownExpected[rank]
    for (place, value) in expected.enumerated() where result[place].bitPattern != value.bitPattern {
      complaint =
        "rank \(rank), task \(index), \(program.tasks[index].kind): element \(place) is \(result[place]), not \(value)"
      return
    }
    for buffer in lent[index] where buffer[buffer.count - 1] != Program.guardValue {
      complaint = "rank \(rank), task \(index): memory behind a buffer was written"
    }
  }
}
