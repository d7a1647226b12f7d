import Diagnostics
import Foundation
import Testing

@Suite("Flight records")
struct FlightRecordTests {
  private func entry(_ sequence: UInt64, _ name: String, ended: Double? = 0.1) -> FlightRecord.Entry {
    FlightRecord.Entry(
      sequence: sequence, name: name, step: Int(sequence), signature: UInt64(name.utf8.count), begunSecondsAgo: 0.5,
      endedSecondsAgo: ended)
  }

  private func record(_ rank: Int, _ operations: [FlightRecord.Entry], waitsFor peer: Int? = nil) -> FlightRecord {
    let links = peer.map { [FlightRecord.Link(peer: $0, segmentsSent: 1, segmentsReceived: 0, isWaiting: true)] } ?? []
    return FlightRecord(
      rank: rank, host: "node-\(rank)", step: 4, phase: "compute", operations: operations, links: links)
  }

  @Test("show the first operation that is complete on some ranks alone, and whom the others wait for")
  func late() {
    let common = (0..<3).map { entry($0, "sum") }
    let records = [
      record(1, common + [entry(3, "sum", ended: nil)], waitsFor: 0), record(0, common),
      record(2, common + [entry(3, "sum", ended: nil)], waitsFor: 1),
    ]
    let verdict = Verdict(rank: 0, host: "node-0", cause: .silent, detail: "d", operation: "o", step: 3)
    let comparison = FlightComparison(records: records, verdicts: [1: verdict, 2: verdict])
    #expect(comparison.parting == 3)
    let lines = comparison.description.split(separator: "\n").map(String.init)
    #expect(lines[0].hasPrefix("ranks 1 and 2 say: rank 0 on node-0 fell silent"))
    #expect(lines[1] == "rank 0 on node-0: compute at step 4 for 0.1 s, after operation 2, sum at step 2")
    #expect(lines[2] == "rank 1 on node-1: in operation 3, sum at step 3, for 0.5 s, waiting for rank 0")
    #expect(lines.contains("  operation 3, rank 0: not begun"))
    #expect(lines.contains("  operation 3, rank 2: sum at step 3, not complete"))
  }

  @Test("are one object for programs")
  func json() throws {
    let records = [record(0, [entry(0, "sum")]), record(1, [entry(0, "barrier")])]
    let verdict = Verdict(rank: 0, host: "node-0", cause: .disagreed, detail: "d", operation: "o", step: 3)
    let text = String(
      decoding: try JSONEncoder().encode(FlightComparison(records: records, verdicts: [1: verdict])), as: UTF8.self)
    let object = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(object["parting"] as? Int == 0 && (object["records"] as? [Any])?.count == 2)
    #expect((object["verdicts"] as? [String: [String: Any]])?["1"]?["cause"] as? String == "disagreed")
    #expect(!text.contains("\n"))
  }

  @Test("show the operation that ranks call differently, though they remember different stretches")
  func different() {
    let long = (0..<300).map { entry($0, "sum") }
    let comparison = FlightComparison(
      records: [
        record(0, Array(long[44...]) + [entry(300, "sum of gradients", ended: nil)]),
        record(1, Array(long[100...]) + [entry(300, "barrier", ended: nil)]),
      ], verdicts: [:])
    #expect(comparison.parting == 300)
    #expect(comparison.description.contains("operation 300, rank 1: barrier at step 300, not complete"))
  }

  @Test("that agree part nowhere; none at all is no comparison")
  func same() {
    let comparison = FlightComparison(records: [record(0, [entry(0, "a")]), record(1, [entry(0, "a")])], verdicts: [:])
    #expect(comparison.parting == nil && comparison.description.hasSuffix("the ranks were at one place"))
    #expect(FlightComparison(records: [], verdicts: [:]).isEmpty)
    #expect(FlightComparison(records: [record(0, [])], verdicts: [:]).parting == nil)
  }

  @Test("of real ranks lie beside their verdicts and line up")
  func processes() async throws {
    var job = Job(scenario: "job", operations: 6)
    job.environment["LOCKSTEP_FAULT"] = "rank:2,point:compute,number:3,do:rename"
    let lines = Lines()
    job.collect = { folder in lines.text = try FlightComparison(folder: folder + "/verdict").description }
    let result = try await job.run()
    #expect(result.statuses == [0: 76, 1: 76, 2: 76], "\(result.words)")
    #expect(lines.text.contains("ranks 0, 1 and 2 say: rank 2 on"), "\(lines.text)")
    #expect(lines.text.contains("rank 2: sum of f32[1048576] 'another' at step 3"), "\(lines.text)")
    #expect(lines.text.contains("rank 0: sum of f32[1048576] 'gradients' at step 3"), "\(lines.text)")
  }

  /// Unchecked Sendable: written by the job's thread before `run` returns, read after.
  private final class Lines: @unchecked Sendable { var text = "" }
}
