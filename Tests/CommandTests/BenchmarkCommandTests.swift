import Foundation
import Testing

@Suite("lockstep benchmark")
struct BenchmarkCommandTests {
  @Test("reduce prints a line of figures for each size, with threads or processes as ranks", arguments: [nil, 2])
  func reduce(ranks: Int?) throws {
    let folder = try TemporaryFolder()
    if ranks != nil, !Command.hasLauncher { return }
    let command = Command(
      "benchmark", "reduce", "--bytes", "4096", "--bytes", "300000", "--rounds", "1", in: folder, ranks: ranks)
    let outcome = try command.run()
    #expect(outcome.status == 0, "\(outcome.error)")
    let lines = try outcome.output.split(separator: "\n").map { line in
      try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    #expect(lines.map { $0["bytes"] as? Int } == [4096, 300_000])
    for line in lines {
      #expect(line["ranks"] as? Int == 2)
      for figure in ["microseconds", "gigabytes_per_second", "raw_gigabytes_per_second", "share_of_raw"] {
        #expect((line[figure] as? Double ?? 0) > 0, "\(figure)")
      }
    }
  }

  @Test("a technique that does not exist is refused with the names of those that do")
  func unknownTechnique() throws {
    let folder = try TemporaryFolder()
    let outcome = try Command("benchmark", "techniques", "--only", "fmg", in: folder).run()
    #expect(outcome.status == 64)
    #expect(outcome.error.contains("fgm"))
  }

  @Test("rows and tokens without an encoder are refused, and so is a folder that holds none")
  func encoder() throws {
    let folder = try TemporaryFolder()
    let rows = try Command("benchmark", "step", "--rows", "4", in: folder).run()
    #expect(rows.status == 64 && rows.error.contains("--encoder"), "\(rows)")
    let none = try Command("benchmark", "step", "--encoder", "nowhere", in: folder).run()
    #expect(none.status == 2 && none.error.contains("nowhere: does not exist"), "\(none)")
  }
}
