import Collectives
import Diagnostics
import Foundation
import MessagePassing
import Transport

/// What the probe does with its group.
enum Scenario: String, CaseIterable {
  /// Sums, gathers and barriers of many sizes.
  case sums
  /// Short sums with 20 ms of rest between them, as of a step that computes.
  case paced
  /// A run in small: steps that compute and sum, evaluations, checkpoints, and a stop on request.
  case job
  /// Long sums, so that a fault meets one in the middle.
  case long
  /// One rank submits another operation at the end.
  case disagree
  /// One rank leaves one operation early.
  case early
  /// Times sums of many sizes.
  case benchmark
  /// Sums with MPI, and the same over the links.
  case mpi

  /// - Parameter folder: for files.
  func run(_ group: any Group, operations: Int, folder: String) throws {
    switch self {
    case .sums: try sums(group, operations: operations)
    case .paced:
      for step in 0..<operations {
        try group.repeatSum(count: 1000, operations: 1, step: step)
        for straggler in group.takeStragglers() { print("warning: \(straggler)") }
        usleep(20_000)
      }
    case .job: try SmallJob(group: group, folder: folder).run(steps: operations)
    case .long: try group.repeatSum(count: 4 << 20, operations: operations)
    case .disagree:
      try group.repeatSum(count: 1000, operations: operations)
      try group.repeatSum(count: group.rank == group.size - 1 ? 2000 : 1000, operations: 1, step: operations)
    case .early:
      try group.repeatSum(count: 1000, operations: group.rank == group.size - 1 ? operations - 1 : operations)
    case .benchmark: try benchmark(group, seconds: operations)
    case .mpi: try compareWithMPI(group, operations: operations)
    }
  }

  private func sums(_ group: any Group, operations: Int) throws {
    let counts = [1, 100, 4096, 100_000, 1_000_001]
    for step in 0..<operations {
      try group.repeatSum(count: counts[step % counts.count], operations: 1, step: step)
      let blocks = try group.allGather([UInt8(group.rank), UInt8(truncatingIfNeeded: step)], name: "who", step: step)
      guard blocks == (0..<group.size).map({ [UInt8($0), UInt8(truncatingIfNeeded: step)] }) else {
        throw WrongResult(description: "the gather of step \(step) gave \(blocks)")
      }
      try group.barrier(name: "end of step", step: step)
    }
  }

  /// Of two ranks there is one order of adding two terms, so that both ways have the same bits.
  private func compareWithMPI(_ group: any Group, operations: Int) throws {
    let messages = try MPIGroup(group)
    for count in [1, 1000, 100_003] {
      for step in 0..<operations {
        let values = (0..<count).map { Float(($0 * 7919 + step * 104_729 + group.rank * 31) % 65_537) / 977 }
        var (own, other) = (values, values)
        try group.allReduce(&own, count: count, name: "over links", step: step)
        try messages.allReduce(&other, count: count, name: "with MPI", step: step)
        guard let place = zip(own, other).enumerated().first(where: { $1.0 != $1.1 })?.offset else { continue }
        throw WrongResult(description: "element \(place) of \(count) is \(other[place]) with MPI, not \(own[place])")
      }
    }
    try messages.repeatSum(count: 1_000_001, operations: operations)
    MPIGroup.finish()
  }

  /// Bytes of a gradient of MiniLM-L6 with two classes.
  private static let miniLM = 22_713_986 * 4

  private func benchmark(_ group: any Group, seconds: Int) throws {
    for bytes in [8, 4 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20, 25 << 20, 64 << 20, Self.miniLM] {
      let count = bytes / 4
      let values = UnsafeMutablePointer<Float>.allocate(capacity: count)
      defer { values.deallocate() }
      values.initialize(repeating: 0, count: count)
      var best = UInt64.max
      var times: [UInt64] = []
      for _ in 0..<max(10, min(2000, (256 << 20) / bytes)) {
        try group.barrier(name: "start", step: 0)
        let start = System.now
        try group.allReduce(values, count: count, name: "benchmark", step: 0)
        times.append(System.now - start)
        best = min(best, times.last!)
      }
      times.sort()
      guard group.rank == 0 else { continue }
      let median = Double(times[times.count / 2]) / 1e3
      print(
        "\(bytes) bytes: best \(Double(best) / 1e3) us, median \(median) us, best \(Double(bytes) / Double(best)) GB/s")
    }
  }
}

extension Settings {
  /// Shorter deadlines for tests: `LOCKSTEP_PROBE_SILENCE` in milliseconds.
  mutating func apply(_ environment: [String: String]) {
    if let silence = environment["LOCKSTEP_PROBE_SILENCE"].flatMap(UInt64.init) {
      peerTimeout = silence * 1_000_000
      heartbeatInterval = min(heartbeatInterval, peerTimeout / 8)
    }
    if let time = environment["LOCKSTEP_PROBE_OPERATION"].flatMap(UInt64.init) { operationTimeout = time * 1_000_000 }
    if environment["LOCKSTEP_PROBE_LINKS"] == "tcp" { sharesMemory = false }
  }
}
