import Foundation
import Lockstep
import Tensors
import Testing

@Suite("The benchmark of observers")
struct ObserverBenchmarkTests {
  @Test("measures what watching takes, with the files and the spans of a real run")
  func figures() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lockstep-benchmark-\(UUID().uuidString)").path
    let directory = RunDirectory(path: folder)
    try directory.create()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let shape = EncoderShape(layers: 1, hidden: 16, heads: 2, intermediate: 32, vocabulary: 100, rows: 4, length: 8)
    let task = SyntheticTask(shape, group: SoloGroup(), threads: 1, precision: .fp32)
    let figures = try ObserverBenchmark(task, in: directory).run(pairs: 3)
    #expect(figures.plain > 0 && figures.observed > 0 && figures.notifying > 0)
    #expect(figures.spans >= 5 && figures.span > 0 && figures.span < 1e-4)
    #expect(figures.share > 0 && figures.share < 100)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(names.count { $0.hasPrefix("events.out.tfevents.") } == 1)
    #expect(Set(names).isSuperset(of: ["metrics.jsonl", "ledger.jsonl"]))
  }
}
