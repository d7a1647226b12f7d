import Foundation
import Testing

@Suite("What a run says while it trains")
struct TerminalTests {
  @Test("begins with what it is about to do, and after an interruption with the step before it")
  func banner() throws {
    let run = try TinyRun()
    let first = try run.train("--set", "steps=12", "--set", "schedule.warmup=0").run()
    try #require(first.status == 0, "\(first)")
    let lines = first.error.split(separator: "\n").map(String.init)
    let labels = try run.folder.read("train.tsv").split(separator: "\n").dropFirst().map { $0.last == "1" }
    let ones = labels.count { $0 }
    #expect(lines[0].hasPrefix("rows        96 to train, 40 to validate; 2 classes: "))
    #expect(lines[0].hasSuffix(" (\(96 - ones)), 1 (\(ones))") && lines[0].contains("classes: 0 ("), "\(lines[0])")
    #expect(lines[1].hasPrefix("parameters  ") && lines[1].hasSuffix(" trained, 0 frozen"))
    #expect(lines[2] == "steps       1 epoch × 12 steps = 12, batch 8 in microbatches of 2")
    #expect(lines[3].hasPrefix("ranks       1 × 1 thread, fp32, portable products"))
    #expect(lines[4] == "output      out")
    let second = try run.train("--resume", "auto", "--set", "schedule.warmup=0").run()
    try #require(second.status == 0, "\(second)")
    let resumed = second.error.split(separator: "\n")
    #expect(resumed.count > 4 && resumed[4] == "output      out, resumed after step 12", "\(second.error)")
    #expect(second.error.contains("epoch 3/3 100% 6/6 ["), "\(second.error)")
  }

  @Test(
    "draws its bar over the steps of the epoch, and erases it before it says anything else",
    .enabled(if: Shell.has("script")))
  func bar() throws {
    let run = try TinyRun()
    let command = "'\(Command.program)' train tiny.yaml --output out --progress bar"
    let outcome = try Shell.run(
      "script", ["-qec", command, "/dev/null"], directory: run.folder.path,
      environment: ["TERM": "xterm", "NO_COLOR": "1", "XDG_CACHE_HOME": run.folder.path + "/cache"])
    #expect(outcome.status == 0)
    let last = try #require(outcome.output.split(separator: "\r\n").first { $0.contains("epoch 3/3 100%|█") })
    #expect(last.contains("█| 6/6 [") && last.contains("steps/s, loss "), "\(last)")
    // What is drawn in place ends with no line feed, so what follows must erase it.
    for line in outcome.output.split(separator: "\r\n") {
      for part in line.split(separator: "\r").dropFirst() { #expect(part.hasPrefix("\u{1B}[K"), "\(line)") }
    }
    #expect(outcome.output.contains("\r\ntrained 30 steps in "), "\(outcome.output)")
  }
}
