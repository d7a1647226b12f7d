import Diagnostics

extension Trainer {
  /// Says what comes next, for heartbeats and verdicts, and does what a test has planned for it.
  package func enter(_ phase: String) {
    replicas.note(step: step, phase: phase)
    FaultInjection.reach(phase, rank: replicas.rank, number: UInt64(step))
  }

  /// Does what a test has planned for the end of the present step; see `FaultInjection`.
  package func meetInjectedFaults() {
    let number = UInt64(step)
    FaultInjection.reach("step", rank: replicas.rank, number: number)
    guard FaultInjection.flips(at: "weights", rank: replicas.rank, number: number) else { return }
    let middle = parts.state.weights.layout.slices[parts.state.weights.layout.slices.count / 2]
    let weight = parts.state.weights.pointer + middle.offset
    weight.pointee = Float(bitPattern: weight.pointee.bitPattern ^ 1)
  }
}
