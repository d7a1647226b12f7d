import Schedules

/// Runs the schedules of all ranks of a sum against a clock: the naive twin of the formulas of a forecast.
///
/// Each rank has a wire out, a wire in and a processor, each of which does one thing at a time and in order. A message takes
/// `latency` on its way, its sending and its receiving `message` seconds of the wires, and a byte `byte` seconds of both.
struct LinkSimulation {
  let latency: Double
  let message: Double
  let byte: Double

  /// Seconds until the last rank is done.
  func run(_ schedules: [Schedule]) -> Double {
    var state = State(schedules: schedules)
    while let next = state.candidate(in: self) { state.perform(next, in: self) }
    precondition(state.isDone, "the schedules wait for each other")
    return state.end
  }

  private struct State {
    let schedules: [Schedule]
    /// By rank and step: when it was done.
    var done: [[Double?]]
    /// By rank and peer: the next of the sends and of the receives.
    var sent: [[Int]]
    var received: [[Int]]
    var local: [Int]
    /// By rank: when the wire out, the wire in and the processor are free.
    var out: [Double]
    var into: [Double]
    var processor: [Double]
    /// By sender and receiver: when messages under way arrive.
    var arrivals: [[[Double]]]

    init(schedules: [Schedule]) {
      self.schedules = schedules
      let size = schedules.count
      done = schedules.map { Array(repeating: nil, count: $0.steps.count) }
      sent = Array(repeating: Array(repeating: 0, count: size), count: size)
      received = sent
      local = Array(repeating: 0, count: size)
      out = Array(repeating: 0, count: size)
      (into, processor) = (out, out)
      arrivals = Array(repeating: Array(repeating: [], count: size), count: size)
    }

    var isDone: Bool { done.allSatisfy { $0.allSatisfy { $0 != nil } } }
    var end: Double { done.flatMap { $0.compactMap { $0 } }.max() ?? 0 }

    /// The step that can begin first, with when it would.
    func candidate(in world: LinkSimulation) -> (rank: Int, step: Int, start: Double)? {
      var best: (rank: Int, step: Int, start: Double)?
      for (rank, schedule) in schedules.enumerated() {
        var heads: [(Int, Double)] = []
        // A rank serves its connections by turns, the next round the ring first: all that begin with one peer would stand in line.
        let turns = schedules.indices.map { (rank + 1 + $0) % schedules.count }
        for peer in turns.sorted(by: { sent[rank][$0] < sent[rank][$1] }) {
          if sent[rank][peer] < schedule.sends[peer].count {
            heads.append((schedule.sends[peer][sent[rank][peer]], out[rank]))
          }
          let position = received[rank][peer]
          if position < schedule.receives[peer].count, position < arrivals[peer][rank].count {
            heads.append((schedule.receives[peer][position], max(into[rank], arrivals[peer][rank][position])))
          }
        }
        if local[rank] < schedule.locals.count { heads.append((schedule.locals[local[rank]], processor[rank])) }
        for (step, free) in heads {
          guard let ready = ready(rank, step) else { continue }
          let start = max(ready, free)
          if best.map({ start < $0.start }) ?? true { best = (rank, step, start) }
        }
      }
      return best
    }

    private func ready(_ rank: Int, _ step: Int) -> Double? {
      var time = 0.0
      for index in schedules[rank].steps[step].after {
        guard let done = done[rank][schedules[rank].dependencies[index]] else { return nil }
        time = max(time, done)
      }
      return time
    }

    mutating func perform(_ next: (rank: Int, step: Int, start: Double), in world: LinkSimulation) {
      let step = schedules[next.rank].steps[next.step]
      let cost = world.message + Double(step.bytes) * world.byte
      switch step.action {
      case .send(let peer):
        out[next.rank] = next.start + cost
        done[next.rank][next.step] = out[next.rank]
        // The receiver takes bytes as they come.
        arrivals[next.rank][peer].append(next.start + world.latency)
        sent[next.rank][peer] += 1
      case .receive(let peer):
        into[next.rank] = next.start + cost
        done[next.rank][next.step] = into[next.rank]
        received[next.rank][peer] += 1
      case .add, .copy:
        processor[next.rank] = next.start
        done[next.rank][next.step] = next.start
        local[next.rank] += 1
      }
    }
  }
}
