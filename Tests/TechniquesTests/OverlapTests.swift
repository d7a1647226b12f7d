import Collectives
import DataParallel
import Optimizers
import Recipes
import TestSupport
import Testing
import Training

/// Sums beside the backward pass have the bits of sums behind it, whatever is trained and however it is summed.
@Suite struct OverlapTests {
  /// How ranks add: by which algorithm, and on which hosts.
  struct Way: Sendable, CustomStringConvertible {
    var reduction: Recipe.Reduction
    var hosts: [String]

    static let all = [
      Way(reduction: .ring, hosts: ["a", "a"]), Way(reduction: .ring, hosts: ["a", "b", "c"]),
      Way(reduction: .ordered, hosts: ["a", "b"]), Way(reduction: .ordered, hosts: ["a", "b", "b", "b", "b"]),
      Way(reduction: Recipe.Reduction(.hierarchical), hosts: ["a", "a", "b", "b"]),
      Way(reduction: Recipe.Reduction(.hierarchical), hosts: ["a", "b", "b"]),
      Way(reduction: Recipe.Reduction(.ring, wire: .int8), hosts: ["a", "b", "c"]),
      Way(reduction: Recipe.Reduction(.ring, wire: .bf16), hosts: ["a", "b"]),
    ]

    var description: String { "\(reduction) on \(hosts.joined(separator: " "))" }
  }

  /// The weights after four steps, of which every third has a short batch, as a hash; the same on all ranks.
  private func bits(
    _ way: Way, overlap: Bool?, parts: @escaping @Sendable () throws -> TrainingParts
  ) throws -> UInt64 {
    var settings = Settings()
    // Vectors this short would be exchanged whole.
    settings.exchangeLimit = 0
    var reduction = way.reduction
    reduction.overlap = overlap
    let hashes = try Ranks.run(way.hosts.count, settings: settings, hosts: way.hosts) { [reduction] group in
      let trainer = Trainer(
        parts: try parts(), settings: TrainingSettings(seed: 3, totalSteps: 6),
        replicas: DataParallelGroup(group, reduction: reduction, minimumTableRows: 40, longestBucket: 512))
      for _ in 0..<4 { _ = try trainer.advance() }
      return WeightHash.hash(trainer.state.weights)
    }
    try #require(Set(hashes).count == 1)
    return hashes[0]
  }

  @Test("by every algorithm, with one microbatch a rank, several, or none", arguments: Way.all, [1, 2, 4])
  func algorithms(_ way: Way, microbatch: Int) throws {
    func bits(_ overlap: Bool?) throws -> UInt64 {
      try self.bits(way, overlap: overlap) { try TinyBert.parts(microbatch: microbatch) }
    }
    let behind = try bits(false)
    #expect(try bits(true) == behind)
    #expect(try bits(nil) == behind)
  }

  @Test("with every technique, frozen layers and several passes among them", arguments: Combination.singles)
  func techniques(_ combination: Combination) throws {
    for way in Way.all[1...2] {
      func bits(_ overlap: Bool) throws -> UInt64 {
        try self.bits(way, overlap: overlap) { try combination.parts(microbatch: 1) }
      }
      #expect(try bits(true) == bits(false), "\(way)")
    }
  }
}
