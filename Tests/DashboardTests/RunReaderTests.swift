import Dashboard
import Foundation
import Testing

@Suite("A run's folder")
struct RunReaderTests {
  @Test("is read on from where reading stopped, a line that is half written later")
  func growth() throws {
    let folder = try RunFolder()
    let reader = RunReader(folder.directory)
    #expect(try snapshot(reader).step == 0)
    try folder.append(RunFolder.line(step: 1) + RunFolder.line(step: 2))
    #expect(try snapshot(reader).step == 2)
    let line = RunFolder.line(step: 3)
    try folder.append(String(line.prefix(30)))
    #expect(try snapshot(reader).step == 2)
    try folder.append(String(line.dropFirst(30)))
    #expect(try snapshot(reader).step == 3)
    #expect(try snapshot(reader).losses.count == 3)
  }

  @Test("is read anew where a resumed run has cut its metrics")
  func replaced() throws {
    let folder = try RunFolder()
    let reader = RunReader(folder.directory)
    for step in 1...9 { try folder.append(RunFolder.line(step: step, loss: 9)) }
    let before = try snapshot(reader)
    try folder.write((1...4).map { RunFolder.line(step: $0, loss: 1) }.joined(), to: "metrics.jsonl")
    let after = try snapshot(reader)
    #expect(after.step == 4 && after.generation > before.generation)
    #expect(after.losses == [1, 1, 1, 1])
  }

  @Test(
    "is not spoilt by a line that is none",
    arguments: [
      "", "}{", "null", "[1, 2]", #"{"step": "5", "loss": 1}"#, #"{"step": -1, "loss": 1}"#,
      #"{"step": 1e300, "loss": 1}"#,
      #"{"step": 9223372036854775807, "loss": 1}"#, #"{"step": 5, "evaluation": 7}"#,
      #"{"step": 5, "ranks": {"steps": 0}}"#,
      #"{"step": 5, "ranks": {"steps": 1, "data": [1], "compute": [], "communication": [1], "waiting": [1]}}"#,
      "{\"step\": 5, \"loss\": \u{0}}", String(repeating: "[", count: 5000), String(repeating: "x", count: 3_000_000),
      #"{"step": 5, "loss": "# + String(repeating: "1", count: 2_000_000) + "}",
    ])
  func hostile(line: String) throws {
    let folder = try RunFolder()
    let reader = RunReader(folder.directory)
    try folder.append(RunFolder.line(step: 1) + line + "\n" + RunFolder.line(step: 2))
    let found = try snapshot(reader)
    #expect(found.step == 2 && found.losses == [0.5, 0.5])
  }

  @Test("with thousands of metric names keeps to those that a page can show")
  func manyNames() throws {
    let folder = try RunFolder()
    let reader = RunReader(folder.directory)
    let names = (0..<5000).map { "\"m\($0)\": 1" }.joined(separator: ", ")
    try folder.append("{\"step\": 1, \"evaluation\": {\(names)}}\n{\"step\": 1, \"loss\": 1, \"terms\": {\(names)}}\n")
    let whole = try json(reader)
    #expect((whole["scores"] as? [Any])?.count == 32 && (whole["curves"] as? [Any])?.count == 36)
  }

  @Test("means the same in every spelling of JSON, whichever reader takes a line")
  func spellings() throws {
    let folder = try RunFolder()
    let reader = RunReader(folder.directory)
    let numbers = [
      "1", "-2.5", "1e-3", "1.25E+2", "0.1234567890123456789", "0", "-0", "123456789012345678901", "5e-324", "01", "+1",
      "1.", ".5", "1e", "null", "\"7\"", "1e400",
    ]
    for (index, number) in numbers.enumerated() {
      // A blank between all tokens, and a key that is no step's own, for the reader of any JSON.
      try folder.append("{\"step\": \(2 * index + 1), \"loss\": \(number), \"gradient_norm\":1}\n")
      try folder.append(
        " { \"step\" : \(2 * index + 2) , \"loss\" : \(number) , \"gradient_norm\" : 1, \"other\" : 1 } \r\n")
    }
    reader.refresh()
    let whole = try object(RunSnapshot(reader, points: 600, now: 0).json.description)
    let curves = try #require(whole["curves"] as? [[String: Any]])
    let points = try #require(curves[0]["points"] as? [[Double]])
    let values = Dictionary(uniqueKeysWithValues: points.map { (Int($0[0]), $0[1]) })
    for index in numbers.indices {
      #expect(values[2 * index + 1] == values[2 * index + 2], "\(numbers[index])")
    }
    #expect(values[1] == 1 && values[3] == -2.5 && values[9] == 0.1234568)
  }

  @Test("tells what the run said of itself, its epochs, its best evaluation and the F1 of its classes")
  func facts() throws {
    let folder = try RunFolder()
    try folder.append(
      RunFolder.line(step: 1) + RunFolder.line(step: 2).replacingOccurrences(of: "\"epoch\": 1", with: "\"epoch\": 2"))
    try folder.append(
      """
      {"step": 1, "evaluation": {"weights": "raw", "rmse": 0.5, "f1_by_class": {"a": 0.25, "b": 1}}}
      {"step": 2, "evaluation": {"weights": "ema", "rmse": 0.75, "f1_by_class": {"a": 0.5, "b": 1}}}

      """)
    try folder.write(
      """
      {"event": "began", "step": 0, "time": 5.5, "total_steps": 9, "run": {"model": "a/b", "rows": 7, "batch": "x", \
      "hosts": ["n0", "n0", "n1"], "best_metric": "rmse", "larger_is_better": false}}

      """, to: "history.jsonl")
    let whole = try json(RunReader(folder.directory))
    let facts = try #require(whole["facts"] as? [String: Any])
    #expect(facts["model"] as? String == "a/b" && facts["rows"] as? Int == 7 && facts["batch"] == nil)
    #expect(facts["started"] as? Double == 5.5)
    let hosts = (facts["hosts"] as? [[Any]] ?? []).map { "\($0[0]) \($0[1])" }
    #expect(hosts == ["n0 2", "n1 1"])
    let status = try #require(whole["status"] as? [String: Any])
    let best = try #require(status["best"] as? [String: Any])
    #expect(
      best["metric"] as? String == "rmse" && best["value"] as? Double == 0.5 && best["weights"] as? String == "raw")
    #expect(status["epoch_starts"] as? [[Int]] == [[2, 2]])
    #expect((whole["class_scores"] as? [[String: Any]])?.count == 4)
  }

  @Test("keeps a minute of what each rank did")
  func windows() throws {
    let folder = try RunFolder()
    for step in 1...40 { try folder.append(RunFolder.pace(step: 50 * step)) }
    let windows = try #require(try json(RunReader(folder.directory))["windows"] as? [[String: Any]])
    // Each of them takes 4.5 seconds.
    #expect(windows.count == 14 && windows.last?["step"] as? Int == 2000)
    #expect(windows.last?["waiting"] as? [Double] == [0, 0.5])
  }

  @Test("sends after the first time only what is new")
  func delta() throws {
    let folder = try RunFolder()
    let reader = RunReader(folder.directory)
    for step in 1...500 { try folder.append(RunFolder.line(step: step)) }
    reader.refresh()
    let first = RunSnapshot(reader, points: 64, now: 0)
    try folder.append(RunFolder.line(step: 501, loss: 7))
    reader.refresh()
    let second = RunSnapshot(reader, points: 64, since: first.cursor, now: 0)
    let news = try object(second.json.description)
    #expect(news["from"] as? Int == 500 / 8 && news["scores"] == nil && news["events"] == nil)
    let points = try #require((news["curves"] as? [[String: Any]])?.first?["points"] as? [[Double]])
    #expect(points.count == 1 && points[0][0] == 62 && points[0][3] == 7)
  }

  @Test("tells of starts, checkpoints, restarts and of a failure in the order of time")
  func events() throws {
    let folder = try RunFolder()
    try folder.append(RunFolder.line(step: 20))
    try folder.write(
      """
      {"event": "began", "step": 0, "time": 1790000000.0, "total_steps": 100}
      {"event": "checkpoint", "step": 10, "time": 1790000010.0}
      {"event": "began", "step": 10, "time": 1790000030.0, "total_steps": 100}
      {"event": "warning", "step": 12, "time": 1790000031.0, "text": "rank 1 on node1 holds the others up"}

      """, to: "history.jsonl")
    try folder.write(
      """
      {"attempt":0,"event":"started","hosts":["node0","node1"],"ranks":2,"time":"2026-09-21T14:13:19Z"}
      {"attempt":0,"event":"ended","outcome":"failed","reason":"rank 1 on node1 died","time":"2026-09-21T14:13:45Z"}

      """, to: "launch.jsonl")
    try folder.write(
      #"{"rank": 1, "host": "node1", "cause": "died", "detail": "gone", "step": 9, "operation": "sum"}"#,
      to: "verdict/rank-0.json")
    let reader = RunReader(folder.directory)
    let whole = try json(reader)
    let events = try #require(whole["events"] as? [[String: Any]])
    #expect(
      events.compactMap { $0["kind"] as? String } == [
        "launch", "began", "checkpoint", "failed", "resumed", "warning",
      ])
    let status = try #require(whole["status"] as? [String: Any])
    #expect(status["total_steps"] as? Int == 100 && status["restarts"] as? Int == 1)
    #expect(status["state"] as? String == "failed")
    #expect(status["failure"] as? String == "rank 1 on node1: died, gone (step 9, sum)")
  }

  @Test("that is a pipe or not there at all is waited for")
  func pipe() throws {
    let folder = try RunFolder()
    #expect(mkfifo(folder.path("metrics.jsonl"), 0o600) == 0)
    let whole = try json(RunReader(folder.directory))
    #expect((whole["status"] as? [String: Any])?["state"] as? String == "waiting")
  }

  private func json(_ reader: RunReader) throws -> [String: Any] {
    reader.refresh()
    return try object(RunSnapshot(reader, points: 600, now: Date.now.timeIntervalSince1970).json.description)
  }

  private func snapshot(_ reader: RunReader) throws -> (step: Int, generation: Int, losses: [Double]) {
    let whole = try json(reader)
    let curves = try #require(whole["curves"] as? [[String: Any]])
    let points = try #require(curves[0]["points"] as? [[Double]])
    let status = try #require(whole["status"] as? [String: Any])
    return (status["step"] as? Int ?? -1, whole["generation"] as? Int ?? -1, points.map { $0[1] })
  }
}
