import Collectives
import DataParallel
import Foundation
import Recipes
import Tensors
import TestSupport
import Testing

/// A gradient that is summed while a backward pass still makes it.
@Suite struct OverlapTests {
  private static let layout = ArenaLayout([
    ("front", [64]), ("first", [64]), ("words", [50, 8]), ("second", [64]), ("third", [64]),
  ])
  private static let patience = Duration.seconds(20)

  /// A rank's part of a gradient of which everything is 1 but what nobody has made yet.
  private static func reduction(_ group: any Group) -> (GradientReduction, Arena) {
    let arena = Arena(layout: layout)
    let replicas = DataParallelGroup(
      group, reduction: Recipe.Reduction(.ring, overlap: true), minimumTableRows: 50, longestBucket: 64)
    let local = LocalSum(leaves: 2, subtrees: [(group.rank..<group.rank + 1, arena)], output: arena)
    return (GradientReduction(local, over: replicas, name: "gradient", step: 4), arena)
  }

  /// Writes a tensor's gradient, as the backward pass does, and says so.
  private static func make(_ name: String, _ arena: Arena, _ reduction: GradientReduction) {
    arena[name]!.update(repeating: 1)
    reduction.end(layout.slices.firstIndex { $0.name == name }!)
  }

  /// Waits for the sums thread, which nobody is told of before the end.
  private static func wait(for name: String, _ arena: Arena) -> Bool {
    let deadline = ContinuousClock.now + patience
    while arena[name]![0] != 2, .now < deadline { usleep(1000) }
    return arena[name]!.allSatisfy { $0 == 2 }
  }

  @Test("is summed bucket by bucket, each as soon as all ranks have made it, and none before")
  func early() throws {
    let seen = try Ranks.run(2) { group in
      let (reduction, arena) = Self.reduction(group)
      reduction.begin()
      Self.make("third", arena, reduction)
      var seen = [Self.wait(for: "third", arena)]
      // What stands further back is final, but before it something is missing.
      Self.make("first", arena, reduction)
      usleep(20_000)
      seen.append(arena["first"]!.allSatisfy { $0 == 1 })
      Self.make("second", arena, reduction)
      seen += ["second", "first"].map { Self.wait(for: $0, arena) }
      // The last one, and the rows of tables, are the caller's.
      Self.make("front", arena, reduction)
      usleep(20_000)
      seen.append(arena["front"]!.allSatisfy { $0 == 1 })
      arena["words"]!.update(repeating: 1)
      try reduction.finish()
      return seen + ["front", "words"].map { arena[$0]!.allSatisfy { $0 == 2 } }
    }
    for (rank, seen) in seen.enumerated() { #expect(seen == Array(repeating: true, count: 7), "rank \(rank)") }
  }

  @Test("and of which a rank gives up ends with an error that names it, out of the call that waits for the sum")
  func failure() throws {
    let errors = try Ranks.run(3) { group in
      let (reduction, arena) = Self.reduction(group)
      reduction.begin()
      Self.make("third", arena, reduction)
      if group.rank == 1 {
        _ = Self.wait(for: "third", arena)
        group.fail("its disk is full")
      } else {
        for name in ["second", "first", "front"] { Self.make(name, arena, reduction) }
      }
      do {
        try reduction.finish()
        return "no error"
      } catch { return "\(error)" }
    }
    for error in errors { #expect(error.contains("rank 1") && error.contains("its disk is full"), "\(error)") }
  }

  @Test("does not count as the program's communication while it computes, and its wait for the sum does")
  func times() throws {
    var settings = Settings()
    settings.heartbeatInterval = 20_000_000
    let times = try Ranks.run(2, settings: settings) { group in
      let (reduction, arena) = Self.reduction(group)
      group.note(step: 4, phase: "compute")
      if group.rank == 0 {
        reduction.begin()
        Self.make("third", arena, reduction)
        // The other rank is late, and the thread waits for it meanwhile.
        usleep(300_000)
      } else {
        usleep(600_000)
        reduction.begin()
      }
      try reduction.finish()
      usleep(100_000)
      let times = group.times
      try group.barrier(name: "end", step: 4)
      return times
    }
    let first = try #require(times[0].first)
    #expect(first.compute >= 250_000_000 && first.communication >= 200_000_000, "\(first)")
    #expect(times[0][1].compute >= 500_000_000, "\(times[0][1])")
  }
}
