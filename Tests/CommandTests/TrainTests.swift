import Foundation
import Testing

@Suite("A run in one process")
struct TrainTests {
  @Test("leaves what the contract says")
  func contract() throws {
    let run = try TinyRun()
    let outcome = try run.train().run()
    try #require(outcome.status == 0, "\(outcome.error)")

    #expect(run.loggedSteps == Array(1...TinyRun.steps))
    let step = try #require(run.metrics.first)
    for key in ["epoch", "loss", "learning_rate", "gradient_norm", "samples_per_second", "seconds"] {
      #expect(step[key] is NSNumber, "\(key) is missing")
    }
    #expect(run.evaluations.count == 3)
    for key in ["loss", "accuracy", "f1", "matthews"] { #expect(run.evaluations[0][key] is NSNumber) }

    let summary = try run.folder.json("out/summary.json")
    #expect(summary["steps"] as? Int == TinyRun.steps && summary["ranks"] as? Int == 1)
    #expect((summary["best"] as? [String: Any])?["metric"] as? String == "accuracy")
    for model in ["best", "last"] {
      for file in ["config.json", "model.safetensors", "vocab.txt", "tokenizer_config.json"] {
        #expect(run.folder.contains("out/models/\(model)/\(file)"))
      }
    }
    #expect(run.folder.contains("out/checkpoints/step-00000030/manifest.json"))
    #expect(run.folder.contents(below: "out").keys.allSatisfy { !$0.contains("tmp") }, "left over")
  }

  @Test("says in its summary the SHA-256 of the last model's tensor data")
  func weightsHash() throws {
    let run = try TinyRun()
    try #require(try run.train("--set", "steps=3", "--set", "schedule.warmup=0").run().status == 0)
    let file = run.folder.path + "/out/models/last/model.safetensors"
    let bytes = try Data(contentsOf: URL(filePath: file))
    let header = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << ($1 * 8) }
    let tail = run.folder.path + "/tensors"
    try bytes.dropFirst(8 + header).write(to: URL(filePath: tail))
    #expect(try run.weightsHash == sha256sum(tail))
  }

  @Test("says in its summary what its bits depend on besides the recipe")
  func machine() throws {
    let run = try TinyRun()
    try #require(try run.train("--set", "steps=1", "--set", "schedule.warmup=0").run().status == 0)
    let summary = try run.folder.json("out/summary.json")
    #expect(summary["reduction"] as? String == "ordered" && summary["threads"] as? Int == 1)
    let machine = try #require(summary["machine"] as? [String: Any])
    #expect(try machine["program_sha256"] as? String == sha256sum(Command.program))
    #expect((machine["features"] as? [String])?.contains("avx2") == true || machine["processor"] as? String == "")
    for key in ["openblas_kernel", "openblas", "onednn"] { #expect((machine[key] as? String)?.isEmpty == false) }
  }

  @Test("learns: the loss over its last epoch lies below that of its first")
  func learning() throws {
    let run = try TinyRun()
    let outcome = try run.train("--set", "steps=72", "--set", "optimizer.learning_rate=3e-3").run()
    try #require(outcome.status == 0, "\(outcome.error)")
    let first = run.losses.prefix(12).reduce(0, +)
    let last = run.losses.suffix(12).reduce(0, +)
    #expect(last < 0.8 * first, "\(run.losses)")
  }

  @Test("another seed gives other weights, the same seed the same")
  func seeds() throws {
    let run = try TinyRun()
    let hashes = try ["7", "7", "8"].map { seed in
      try #require(try run.train("--set", "seed=\(seed)").run().status == 0)
      return try #require(run.weightsHash)
    }
    #expect(hashes[0] == hashes[1] && hashes[1] != hashes[2])
  }

  @Test("knows the best model by another name of its metric")
  func metricAlias() throws {
    let run = try TinyRun()
    try #require(try run.train("--set", "evaluate.best=mcc").run().status == 0)
    let best = try run.folder.json("out/summary.json")["best"] as? [String: Any]
    #expect(best?["metric"] as? String == "matthews")
    #expect(best?["value"] as? Double == run.evaluations.compactMap { $0["matthews"] as? Double }.max())
  }

  @Test("stops after as many evaluations without improvement as patience says")
  func patience() throws {
    let run = try TinyRun()
    // With no learning the first evaluation stays the best.
    let changes = ["optimizer.learning_rate=0", "evaluate.every=3", "evaluate.patience=2"]
    var command = run.train()
    command.arguments += changes.flatMap { ["--set", $0] }
    try #require(try command.run().status == 0)
    #expect(run.evaluations.count == 3)
    #expect(run.loggedSteps.last == 9)
  }

  /// The SHA-256 of a file, by coreutils.
  private func sha256sum(_ path: String) throws -> String {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/sha256sum")
    process.arguments = [path]
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: output.prefix(64), as: UTF8.self)
  }
}
