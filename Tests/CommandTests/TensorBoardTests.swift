import Foundation
import SwiftProtobuf
import TensorBoard
import Testing

@Suite("Event files for TensorBoard")
struct TensorBoardTests {
  @Test("hold the numbers of metrics.jsonl, the recipe, and histograms where they are asked for")
  func numbers() throws {
    let run = try TinyRun()
    let first = try run.train("--histograms", "15").run()
    try #require(first.status == 0, "\(first.error)")
    let events = try Events(of: run)
    #expect(events.files.count == 1)
    let losses = try #require(events.scalars["train/loss"])
    #expect(losses.keys.sorted() == run.loggedSteps)
    for line in run.metrics where line["loss"] != nil {
      let step = try #require(line["step"] as? Int)
      for key in ["loss", "learning_rate", "gradient_norm", "samples_per_second", "seconds"] {
        let value = try #require(line[key] as? Double)
        let told = try #require(events.scalars["train/\(key)"]?[step], "\(key) of step \(step)")
        #expect(abs(told - Float(value)) <= told.ulp, "\(key) of step \(step)")
      }
    }
    let accuracies = run.evaluations.compactMap { ($0["accuracy"] as? Double).map(Float.init) }
    #expect(events.scalars["validation/accuracy"]?.sorted { $0.key < $1.key }.map(\.value) == accuracies)
    #expect(events.hyperparameters["optimizer.learning_rate"]?.numberValue == 1e-3)
    #expect(events.hyperparameters["data.columns.text"]?.stringValue == "sentence")
    #expect(events.histograms["weights/classifier.weight"]?.keys.sorted() == [15, 30])
    let gradient = try #require(events.histograms["gradients/classifier.weight"]?[15])
    #expect(gradient.num == 64 && gradient.bucket.reduce(0, +) == 64 && gradient.sumSquares > 0)
  }

  @Test("of a resumed run say from which step on earlier ones no longer count; a run that begins anew removes them")
  func resume() throws {
    let run = try TinyRun()
    let stopped = try run.train().run { running in
      try running.wait(forStep: 10, in: run)
      running.process.terminate()
    }
    try #require(stopped.status == 85, "\(stopped.error)")
    let resumedAfter = try #require(run.loggedSteps.last)
    try #require(try run.train("--resume", "auto").run().status == 0)
    #expect(try Events(of: run).starts.sorted() == [1, resumedAfter + 1])
    try #require(try run.train("--set", "steps=2", "--set", "schedule.warmup=0").run().status == 0)
    #expect(try Events(of: run).starts == [1])
    try #require(try run.train("--no-tensorboard", "--set", "steps=2", "--set", "schedule.warmup=0").run().status == 0)
  }

  /// What the event files of a run hold, in the order of their names, read record by record.
  private struct Events {
    struct Damaged: Error {}

    var files: [String] = []
    var scalars: [String: [Int: Float]] = [:]
    var histograms: [String: [Int: ProtoHistogram]] = [:]
    var hyperparameters: [String: Google_Protobuf_Value] = [:]
    var starts: [Int] = []

    init(of run: TinyRun) throws {
      let folder = "\(run.folder.path)/\(run.output)"
      files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.contains("tfevents") }.sorted()
      for file in files {
        var rest = try Data(contentsOf: URL(filePath: "\(folder)/\(file)"))[...]
        while !rest.isEmpty {
          let length = rest.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
          let record = Array(rest.dropFirst(12).prefix(length))
          guard rest.prefix(length + 16).elementsEqual(RecordFile.framed(record)) else { throw Damaged() }
          rest = rest.dropFirst(length + 16)
          try take(ProtoEvent(serializedBytes: record))
        }
      }
    }

    private mutating func take(_ event: ProtoEvent) throws {
      let step = Int(event.step)
      if event.sessionLog.status == .start { starts.append(step) }
      for value in event.summary.value {
        switch value.value {
        case .simpleValue(let number): scalars[value.tag, default: [:]][step] = number
        case .histo(let histogram): histograms[value.tag, default: [:]][step] = histogram
        case nil:
          let told = try ProtoHParams(serializedBytes: value.metadata.pluginData.content)
          hyperparameters.merge(told.sessionStartInfo.hparams) { $1 }
        }
      }
    }
  }
}
