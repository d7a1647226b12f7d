import Foundation
import Testing

@Suite("Output that cannot be written")
struct LostOutputTests {
  /// Commands that print, in the folder of a finished run.
  private static let commands = [
    "predict out/models/best --text fine", "predict out/models/best --input dev.tsv",
    "evaluate out/models/best dev.tsv",
    "average out/models/best out/models/last --output mean", "audit out", "audit out --json", "replay out --step 30",
    "checkpoint list out", "checkpoint verify out --json", "checkpoint export out --output weights.safetensors",
    "recipe check tiny.yaml", "recipe check tiny.yaml --json", "recipe explain", "recipe explain --json",
    "recipe explain --markdown", "benchmark kernels --rounds 1", "trace summary out", "report out --output page.html",
    "doctor", "doctor --json", "launch --ranks 1 --launcher local --dry-run -- train tiny.yaml", "--version", "--help",
    "help train", "train --help", "--generate-completion-script bash",
  ]
  private static let training = "train tiny.yaml --set steps=1 --set schedule.warmup=0 --output short"

  /// Runs a script of bash in a run's folder; `lockstep` there is the program.
  private static func run(_ script: String, in run: TinyRun) throws -> Shell.Outcome {
    try Shell.run(
      "bash", ["-c", "lockstep() { '\(Command.program)' \"$@\"; }; exec 5>&1; \(script)"],
      directory: run.folder.path, environment: ["XDG_CACHE_HOME": run.folder.path + "/cache"])
  }

  @Test(
    "is status 74 and one line, in every command that prints",
    arguments: [("> /dev/full", "No space left on device"), (">&-", "Bad file descriptor")])
  func results(redirection: String, reason: String) throws {
    let run = try TinyRun()
    try #require(try run.train("--trace").run().status == 0)
    for words in Self.commands + [Self.training] {
      let outcome = try Self.run("lockstep \(words) \(redirection)", in: run)
      #expect(outcome.status == 74, "\(words): \(outcome)")
      #expect(outcome.complaints.count == 1, "\(words): \(outcome)")
      let start = "lockstep: standard output: \(reason); "
      #expect(outcome.complaints.first?.hasPrefix(start) == true, "\(words): \(outcome)")
    }
    #expect(run.folder.contains("short/summary.json"), "the run was complete before it could say so")
  }

  @Test("ends a command by SIGPIPE, quietly, where its reader is gone, and a run not at all")
  func readerGone() throws {
    let run = try TinyRun()
    try #require(try run.train("--trace").run().status == 0)
    /// Waits until the pipe is broken.
    let broken = "trap '' PIPE; while echo; do :; done 2> /dev/null"
    for words in Self.commands {
      let outcome = try Self.run("{ \(broken); lockstep \(words); echo $? >&5; } | true", in: run)
      #expect(outcome.output == "141\n" && outcome.complaints.isEmpty, "\(words): \(outcome)")
    }
    let outcome = try Self.run("{ \(broken); lockstep \(Self.training); echo $? >&5; } | true", in: run)
    #expect(outcome.output == "0\n" && run.folder.contains("short/models/last/model.safetensors"), "\(outcome)")
  }

  @Test(
    "on standard error is dropped, and the run goes on to its end",
    arguments: ["train", "launch --ranks 2 --launcher local -- train"],
    ["2> /dev/full", "2>&-", "2>&1 > /dev/null | head -1"])
  func progress(command: String, redirection: String) throws {
    let run = try TinyRun()
    let outcome = try Self.run(
      "set -o pipefail; lockstep \(command) tiny.yaml --output out \(redirection)", in: run)
    #expect(outcome.status == 0, "\(outcome)")
    #expect(run.loggedSteps == Array(1...TinyRun.steps))
    for name in ["checkpoints/step-00000030/manifest.json", "models/best/model.safetensors", "summary.json"] {
      #expect(run.folder.contains("out/" + name), "\(name) is missing")
    }
    // A closed descriptor must not become that of a file of the run.
    for (name, content) in run.folder.contents(below: "out") {
      #expect(content.range(of: Data("step 30, validation".utf8)) == nil, "progress was written into \(name)")
    }
  }

  @Test("passes through one type: nothing else prints")
  func onePlace() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources")
    // Programs of tests alone.
    let exempt = ["lockstep-fuzz", "lockstep-collectives-probe"]
    let names = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
    let sources = names.filter { $0.hasSuffix(".swift") && !exempt.contains(String($0.prefix { $0 != "/" })) }
    #expect(sources.count > 100)
    let bare = /(^|[^\w.])(print|debugPrint|dump|puts|fputs)\(|FileHandle\.standard(Output|Error)\.write|NSLog\(/
    for name in sources {
      let text = try String(contentsOf: root.appending(path: name), encoding: .utf8)
      for line in text.split(separator: "\n") where line.firstMatch(of: bare) != nil {
        let isDeclaration = name.hasPrefix("Console/") || line.contains("func print(")
        #expect(isDeclaration, "\(name) prints by itself; use StandardOutput.print or StandardError.print: \(line)")
      }
    }
  }
}
