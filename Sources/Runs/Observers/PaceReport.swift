import Collectives
import Diagnostics

/// How the ranks spent their time since the last report, in seconds and rank order, as far as heartbeats have reported it.
public struct PaceReport: Sendable, Equatable {
  public var step: Int
  /// How many steps it covers.
  public var steps: Int
  /// Preparing microbatches.
  public var data: [Double]
  /// Forward and backward passes, updates.
  public var compute: [Double]
  /// In sums and gathers, without waiting for later ranks.
  public var communication: [Double]
  /// In sums and gathers, until the last rank came.
  public var waiting: [Double]
  /// The most memory that each process ever held, in bytes.
  public var memory: [Int]

  /// The rank that the others wait for is in an operation for the shortest time: what the others spend there beyond
  /// that, they wait.
  init(step: Int, steps: Int, _ times: [RankTimes]) {
    func seconds(_ value: UInt64) -> Double { Double(value) / 1e9 }
    let shortest = times.map(\.communication).min() ?? 0
    self.step = step
    self.steps = steps
    data = times.map { seconds($0.data) }
    compute = times.map { seconds($0.compute) }
    communication = times.map { _ in seconds(shortest) }
    waiting = times.map { seconds($0.communication - shortest) }
    memory = times.map { Int(clamping: $0.memory) }
  }
}
