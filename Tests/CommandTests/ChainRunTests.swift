import Checkpoints
import Foundation
import Testing

/// Tags that are a chain, from a recipe to a model's folder.
@Suite("A chain of tags")
struct ChainRunTests {
  private static func run() throws -> TinyRun { try TaskRunTests.run(TaskRunTests.forms[13]) }

  private static func transitions(_ run: TinyRun, _ output: String) throws -> [Float] {
    let file = try SafetensorsFile("\(run.folder.path)/\(output)/models/last/model.safetensors")
    return try ["transitions", "start_transitions", "end_transitions"].flatMap { try file.floats("crf.\($0)") }
  }

  @Test("is trained at a rate of its own and stands next to the weights, under names that transformers does not read")
  func rate() throws {
    let run = try Self.run()
    for (output, settings) in [
      ("start", ["optimizer.learning_rate=0"]), ("slow", ["task.crf_learning_rate_factor=2"]), ("usual", []),
    ] {
      var command = run.train("--output", output)
      command.arguments +=
        (["steps=1", "optimizer.learning_rate=0.001", "schedule.kind=constant", "schedule.warmup=0"] + settings)
        .flatMap { ["--set", $0] }
      let outcome = try command.run()
      try #require(outcome.status == 0, "\(outcome.error)")
      #expect(outcome.error.contains("the scores between tags (crf.transitions) are used here alone"))
    }
    let start = try Self.transitions(run, "start")
    #expect(start.count == 15 && start.allSatisfy { abs($0) <= 0.1 })
    // Adam's first step is the learning rate, whatever the gradient.
    for (output, distance) in [("slow", 0.002), ("usual", 0.1)] {
      let moves = zip(try Self.transitions(run, output), start).map { abs(Double($0 - $1)) }
      let largest = moves.max() ?? 0
      #expect(abs(largest - distance) < 0.01 * distance, "\(output): \(moves)")
    }
    let configuration = try run.folder.json("usual/models/last/config.json")
    #expect(configuration["architectures"] as? [String] == ["BertForTokenClassification"])
    #expect((configuration["lockstep_task"] as? [String: Any])?["crf"] as? Bool == true)
  }

  @Test("continues from a model without one, and gives a model without one its scores of words")
  func start() throws {
    let run = try Self.run()
    try #require(try run.train("--set", "steps=1", "--set", "task.crf=false", "--output", "plain").run().status == 0)
    let chain = try run.train("--set", "steps=1", "--set", "model={from: plain/models/last}").run()
    #expect(chain.status == 0 && chain.error.contains("random at first: crf.transitions"), "\(chain.error)")
    #expect(!chain.error.contains("classifier"), "\(chain.error)")
    let back = try run.train(
      "--set", "steps=1", "--set", "task.crf=false", "--set", "model={from: out/models/last}", "--output", "back"
    ).run()
    #expect(back.status == 0 && back.error.contains("not used: crf."), "\(back.error)")
    try run.folder.write(
      try run.folder.read("train.jsonl").replacing("B-long", with: "B-other").replacing("I-long", with: "B-more"),
      to: "train.jsonl")
    try run.folder.write(
      try run.folder.read("dev.jsonl").replacing("B-long", with: "B-other").replacing("I-long", with: "B-more"),
      to: "dev.jsonl")
    let other = try run.train("--set", "steps=1", "--set", "model={from: out/models/last}", "--output", "other").run()
    #expect(other.status == 0 && other.error.contains("the head of"), "\(other.error)")
  }

  @Test("averages its weights with techniques and by the command")
  func averages() throws {
    let run = try Self.run()
    let outcome = try run.train(
      "--set", "steps=4", "--set", "techniques={ema: {decay: 0.5}, swa: {start: 1}, r_drop: {}, self_distillation: {}}"
    ).run()
    try #require(outcome.status == 0, "\(outcome.error)")
    let averaged = try run.command(["average", "out/models/last", "out/models/ema", "--output", "both"])
    try #require(averaged.status == 0, "\(averaged.error)")
    for model in ["both", "out/models/ema", "out/models/swa"] {
      let predicted = try run.command(["predict", model, "--input", "dev.jsonl", "--text", "tokens"])
      #expect(predicted.status == 0 && predicted.output.contains("\"tags\": ["), "\(predicted.error)")
    }
  }

  @Test("is averaged by the names of its tags, where they stand in another order")
  func order() throws {
    let run = try Self.run()
    try #require(try run.train("--set", "steps=1").run().status == 0)
    let file = try SafetensorsFile("\(run.folder.path)/out/models/last/model.safetensors")
    var json = try run.folder.json("out/models/last/config.json")
    let names = try #require(json["id2label"] as? [String: String])
    // The tag of a place in the other model is this one of the first.
    let places = [2, 0, 1]
    json["id2label"] = Dictionary(uniqueKeysWithValues: places.enumerated().map { ("\($0)", names["\($1)"] ?? "") })
    json["label2id"] = Dictionary(uniqueKeysWithValues: places.enumerated().map { (names["\($1)"] ?? "", $0) })
    var writer = SafetensorsWriter()
    var memory: [UnsafeMutableBufferPointer<Float>] = []
    defer { memory.forEach { $0.deallocate() } }
    for name in file.names {
      let (values, shape) = (try file.floats(name), file[name]?.shape ?? [])
      let copy = UnsafeMutableBufferPointer<Float>.allocate(capacity: values.count)
      _ = copy.initialize(from: values)
      if name.hasPrefix("classifier.") || name.hasPrefix("crf.") {
        let width = values.count / places.count
        for index in values.indices {
          let column = index % width
          copy[index] = values[places[index / width] * width + (name == "crf.transitions" ? places[column] : column)]
        }
      }
      memory.append(copy)
      writer.add(name, shape: shape, UnsafeBufferPointer(copy))
    }
    for name in ["vocab.txt", "tokenizer_config.json"] {
      try run.folder.write(try run.folder.read("out/models/last/\(name)"), to: "other/\(name)")
    }
    try writer.write(to: "\(run.folder.path)/other/model.safetensors")
    try run.folder.write(Array(JSONSerialization.data(withJSONObject: json)), to: "other/config.json")
    let averaged = try run.command(["average", "out/models/last", "other", "--output", "both"])
    try #require(averaged.status == 0, "\(averaged.error)")
    let both = try SafetensorsFile("\(run.folder.path)/both/model.safetensors")
    for name in file.names { #expect(try both.floats(name) == file.floats(name), "\(name)") }
  }

  @Test("is refused where its factor is given without it, or a model's folder lies about it")
  func refused() throws {
    let run = try Self.run()
    let factor = try run.train("--set", "task.crf=false", "--set", "task.crf_learning_rate_factor=3").run()
    #expect(
      factor.status == 2 && factor.error.contains("task.crf_learning_rate_factor has no effect: it is of task.crf"),
      "\(factor.error)")
    try #require(try run.train("--set", "steps=1", "--set", "task.crf=false").run().status == 0)
    let path = "out/models/last/config.json"
    var json = try run.folder.json(path)
    for (value, problem) in [(true as Any, "lacks crf.transitions"), ("x", "is neither true nor false")] {
      json["lockstep_task"] = ["crf": value]
      try run.folder.write(Array(JSONSerialization.data(withJSONObject: json)), to: path)
      let outcome = try run.command(["predict", "out/models/last", "--input", "dev.jsonl", "--text", "tokens"])
      #expect(outcome.status != 0 && outcome.error.contains(problem), "\(outcome.error)")
      #expect(outcome.error.split(separator: "\n").count == 1)
    }
  }
}
