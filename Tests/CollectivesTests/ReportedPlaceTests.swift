import Collectives
import Diagnostics
import Glibc
import Synchronization
import Testing

/// Ranks of one host report in shared memory where their vectors lie; here rank 1 writes its report by hand, to the
/// layout that `SharedWindow` states.
@Suite("The place that a rank reports for its vector")
struct ReportedPlaceTests {
  private static let count = 100_000
  /// Addresses of a rank's vectors, and where they begin.
  private static let vectorBytes: UInt64 = 1 << 35
  private static let vectorStart = 4096 + 2 * 4 * (512 << 10)

  /// The memory of a rank, known by the first vector that it took.
  private struct Segment: @unchecked Sendable {
    let start: UnsafeMutableRawPointer

    init(of vector: SharedVector) { start = UnsafeMutableRawPointer(vector.pointer) - ReportedPlaceTests.vectorStart }

    func staged(_ body: (borrowing Atomic<UInt64>) -> Void) {
      body((start + 192).assumingMemoryBound(to: Atomic<UInt64>.self).pointee)
    }

    /// Sequence and signature of the operation in slot 0; 32 bytes on, the place.
    var tag: UnsafeMutablePointer<UInt64> { (start + 1024).assumingMemoryBound(to: UInt64.self) }
  }

  @Test(
    "is checked before anything is read there: outside its memory, or askew, it is refused and the rank is named",
    arguments: [
      UInt64.max, UInt64.max - UInt64(count * 4) + 1, 1 << 63, vectorBytes, vectorBytes - UInt64(count * 4) + 4, 2,
    ])
  func refused(place: UInt64) throws {
    let verdicts = try outcome(of: place)
    for verdict in verdicts {
      #expect(verdict?.rank == 1 && verdict?.cause == .corrupted, "\(String(describing: verdict))")
      #expect(verdict?.description.contains("the place that it reports for its vector") == true)
    }
  }

  /// What the ranks learn when rank 1 brings a vector at `place`, and then calls another operation.
  private func outcome(of place: UInt64) throws -> [Verdict?] {
    let segments = Mutex<[Int: Segment]>([:])
    var settings = Settings()
    // For the case that the place is taken, and rank 0 waits for rank 1 to add up its part.
    settings.operationTimeout = 20_000_000_000
    let groups = try MemoryGroup.make(size: 2, settings: settings, links: .sharedMemory)
    return try RankThreads.run(groups) { group in
      let vector = try #require(group.makeSharedVector(count: Self.count))
      segments.withLock { $0[group.rank] = Segment(of: vector) }
      try group.barrier(name: "vectors", step: 0)
      let (honest, hostile) = segments.withLock { ($0[0]!, $0[1]!) }
      do {
        if group.rank == 0 {
          try group.allReduce(vector.pointer, count: Self.count, name: "values", step: 1)
        } else {
          report(place, in: hostile, as: honest)
          try group.barrier(name: "end", step: 1)
        }
        return nil
      } catch let error as GroupError {
        return error.verdict
      }
    }
  }

  /// Stages a piece in slot 0, under the tag that the honest rank has given its own.
  private func report(_ place: UInt64, in hostile: Segment, as honest: Segment) {
    var isThere = false
    for _ in 0..<20_000 where !isThere {
      honest.staged { isThere = $0.load(ordering: .acquiring) == 1 }
      if !isThere { usleep(1000) }
    }
    hostile.tag[0] = honest.tag[0]
    hostile.tag[1] = honest.tag[1]
    hostile.tag[4] = place
    hostile.staged { $0.store(1, ordering: .releasing) }
  }
}
