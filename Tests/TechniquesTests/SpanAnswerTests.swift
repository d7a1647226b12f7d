import Data
import Foundation
import Layers
import Models
import Support
import Tasks
import Tensors
import TestSupport
import Testing
import Text
import Training

/// The windows of contexts, and where answers stand in them.
@Suite("Answers in a text")
struct SpanAnswerTests {
  /// A question of `Tests/Vectors/spans/features.jsonl`: its windows as transformers' `run_qa.py` makes them, of 64 tokens with
  /// stride 20.
  private struct Feature: Decodable {
    let lengths: [Int]
    let starts: [Int]
    let ends: [Int]
  }

  private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

  private static let task = try! SpanAnswer(HeadDescription(outputs: 2, architecture: "BertForQuestionAnswering"))

  private static func tokenizer() throws -> any Tokenizer {
    try Tokenizers.read(
      file: tests.deletingLastPathComponent().appending(path: "launch/data/vocabulary/bert-base-uncased.txt").path)
  }

  /// The rows of a text in JSON lines, with targets.
  private static func rows(_ text: String, maximumLength: Int = 64, stride: Int? = nil) throws -> TokenDataset {
    let columns = ColumnMapping(text: "question", pair: "context", label: "answers", id: "id")
    let table = try Table(
      Array(text.utf8), format: .jsonl, columns: columns, options: TableOptions().reading(.spans), source: "t.jsonl")
    let rows = try TokenDataset(
      table, tokenizer: tokenizer(), maximumLength: maximumLength, layout: .spans,
      windows: stride.map { RowWindows(stride: $0) })
    return rows.with(try task.targets(of: rows.targetCells))
  }

  @Test("Windows, and the first and last token of answers in each, are those of transformers' examples")
  func features() throws {
    let text = try String(contentsOf: Self.tests.appending(path: "Vectors/spans/features.jsonl"), encoding: .utf8)
    let rows = try Self.rows(text, stride: 20)
    let features = try text.split(separator: "\n").map { try JSONDecoder().decode(Feature.self, from: Data($0.utf8)) }
    #expect(features.count == 20 && rows.rowCount == 20)
    for (row, feature) in features.enumerated() {
      let words = try #require(rows.words(row))
      #expect(words.windows.map(\.count) == feature.lengths, "\(row)")
      let codes = words.windows.map { window in window.map { Int(rows.targets(row)[$0]) } }
      #expect(codes.map { $0.firstIndex { $0 & 1 != 0 } } == feature.starts, "\(row)")
      #expect(codes.map { $0.firstIndex { $0 & 2 != 0 } } == feature.ends, "\(row)")
      #expect(rows.weight(row) == Float(feature.lengths.count) && rows.windows(row) == feature.lengths.count)
    }
    let batch = rows.microbatch(rows: [3, 1], positions: 4..<6)
    let windows = features[3].lengths.count + features[1].lengths.count
    #expect(batch.sequences.count == windows && Set(batch.sequences).count == windows && batch.windows == nil)
    #expect(batch.words?.tokens == (0..<Int32(rows.length(3) + rows.length(1))).map { $0 })
    #expect(batch.targets == rows.targets(3) + rows.targets(1))
  }

  @Test("Rows from the cache are the same rows")
  func cache() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appending(path: "t.json").path
    try Self.nested.write(toFile: file, atomically: true, encoding: .utf8)
    var settings = TokenDataset.Settings(tokenizer: try Self.tokenizer(), maximumLength: 16)
    (settings.layout, settings.cacheFolder) = (.spans, folder.appending(path: "cache").path)
    let columns = ColumnMapping(text: "question", pair: "context", label: "answers")
    let read = try (0..<2).map { _ in try TokenDataset(file: file, columns: columns, settings: settings) }
    #expect(!read[0].isFromCache && read[1].isFromCache)
    for row in 0..<2 {
      #expect(read[0].words(row) == read[1].words(row) && read[1].words(row)?.windows.count ?? 0 > 1)
      #expect(read[1].rowID(row) == ["x", "y"][row])
    }
    let targets = try read.map { try Self.task.targets(of: $0.targetCells) }
    #expect(targets[0] == targets[1])
  }

  private static let nested = """
    {"data": [{"paragraphs": [{"context": "one two three four five six seven eight nine ten eleven twelve", "qas": [
      {"id": "x", "question": "which is last?", "answers": [{"text": "twelve", "answer_start": 56}]},
      {"id": "y", "question": "which is not?", "is_impossible": true, "answers": []}]}]}]}
    """

  private static func row(_ answers: String, context: String = "a  fine\\tday") -> String {
    "{\"question\": \"q\", \"context\": \"\(context)\", \"id\": \"q7\", \"answers\": \(answers)}"
  }

  @Test(
    "An answer whose places do not fit is refused with its line, its id and what to do",
    arguments: [
      (
        "[{\"text\": \"day\", \"answer_start\": 99}]",
        "t.jsonl, line 2: question \"q7\" has the answer \"day\" at 99 of a context of 11 characters; correct answer_start"
      ),
      ("[{\"text\": \"day\", \"answer_start\": -1}]", "has the answer \"day\" at -1 of a context of 11 characters"),
      ("[{\"text\": \"day\", \"answer_start\": 3}]", "has the answer \"day\" at 3, where its context has \"fin\""),
      (
        "{\"text\": [\"fine\", \"x\"], \"answer_start\": [3, 0]}",
        "has the answer \"x\" at 0, where its context has \"a\""
      ),
      ("[{\"text\": \"days\", \"answer_start\": 8}]", "has the answer \"days\" at 8"),
      ("[\"night\"]", "has the answer \"night\", which its context has not"),
      ("[{\"text\": 7, \"answer_start\": 8}]", "has answers that are not texts with their places"),
      ("{\"text\": [\"a\"], \"answer_start\": []}", "has answers that are not texts with their places"),
      ("\"day\"", "has answers that are not texts with their places"),
      ("[{\"text\": \"day\", \"answer_start\": 1e30}]", "has the answer \"day\" at -1 of"),
    ])
  func refusals(answers: String, message: String) {
    let error = #expect(throws: TableError.self) { try Self.rows(Self.row("[]") + "\n" + Self.row(answers)) }
    #expect(
      error.map { "\($0)".contains(message) && "\($0)".contains("line 2: question \"q7\" ") } == true,
      "\(error.map { "\($0)" } ?? "")")
  }

  @Test(
    "White space may differ, and one or two characters too many are known",
    arguments: [
      ("[{\"text\": \"a fine day\", \"answer_start\": 0}]", 0..<11),
      ("[{\"text\": \" day \", \"answer_start\": 8}]", 8..<11),
      ("[{\"text\": \"fine\", \"answer_start\": 5}]", 3..<7), ("[{\"text\": \"fine\", \"answer_start\": 4}]", 3..<7),
      ("[\"day\"]", 8..<11), ("{\"text\": [\"\", \"fine\"], \"answer_start\": [-1, 3]}", 3..<7),
    ])
  func tolerance(answers: String, place: Range<Int>) throws {
    let rows = try Self.rows(Self.row(answers))
    let (words, codes) = (try #require(rows.words(0)), rows.targets(0).map { Int($0) })
    let first = try #require(codes.firstIndex { $0 & 1 != 0 }), last = try #require(codes.firstIndex { $0 & 2 != 0 })
    #expect(words.places[first].lowerBound == place.lowerBound && words.places[last].upperBound == place.upperBound)
  }

  @Test("A question that leaves no room for its context is refused with its line, and a long context, too")
  func lengths() throws {
    for (question, words) in [(String(repeating: "why ", count: 70), 9), ("why", 60_000)] {
      let context = String(repeating: "a ", count: words)
      let row = "{\"question\": \"\(question)\", \"context\": \"\(context)\", \"id\": 1, \"answers\": []}"
      let error = #expect(throws: TokenDatasetError.self) { try Self.rows(Self.row("[]") + "\n" + row) }
      #expect(error.map { "\($0)".hasPrefix("t.jsonl, line 2: ") } == true)
    }
  }

  /// What is predicted of a context in one window, by scores of its words.
  private func answer(_ task: SpanAnswer, null: Double, starts: [Double], ends: [Double]) throws -> String {
    let rows = try Self.rows(Self.row("[]", context: "one  two thrée four"))
    let words = try #require(rows.words(0))
    #expect(words.places.suffix(5) == [0..<3, 5..<8, 9..<14, 15..<19, 0..<0])
    var scores = words.places.flatMap { _ in [-9.0, -9.0] }
    (scores[0], scores[1]) = (null / 2, null / 2)
    for index in starts.indices {
      let token = words.places.count - 5 + index
      (scores[2 * token], scores[2 * token + 1]) = (starts[index], ends[index])
    }
    return task.answer(scores[...], on: words).fields.map { "\($0.name): \($0.value)" }.joined(separator: "; ")
  }

  @Test("A prediction has the best span with its place, and no answer from the threshold on")
  func prediction() throws {
    func task(_ settings: [String: Any]) throws -> SpanAnswer {
      try SpanAnswer(HeadDescription(outputs: 2, architecture: "BertForQuestionAnswering", settings: settings))
    }
    let (starts, ends) = ([1.0, 4, 0, 9], [8.0, 0, 3, -4])
    // The best start and the best end are not in order.
    let plain = try answer(task([:]), null: 99, starts: starts, ends: ends)
    #expect(plain.hasPrefix("answer: \"one\"; start: 0; end: 3; probability: 0."), "\(plain)")
    let short = try answer(task(["max_answer_length": 1, "n_best": 2]), null: 99, starts: starts, ends: ends)
    #expect(
      short.contains("n_best: [{\"text\": \"one\"")
        && short.contains("{\"text\": \"four\", \"start\": 15, \"end\": 19, \"score\": 5.0"))
    let long = try answer(task([:]), null: 99, starts: [1, 7, 0, 0], ends: [0, 0, 3, -4])
    #expect(long.hasPrefix("answer: \"two thrée\"; start: 5; end: 14"), "\(long)")
    let none = try answer(task(["null_threshold": 2.5]), null: 11.6, starts: starts, ends: ends)
    #expect(none.hasPrefix("answer: \"\"; start: null; end: null; probability: 0.9"), "\(none)")
    let some = try answer(task(["null_threshold": 2.5]), null: 11.4, starts: starts, ends: ends)
    #expect(some.hasPrefix("answer: \"one\"; start: 0") && some.contains("null_score: 11.4"), "\(some)")
  }

  /// The losses of a batch under scores, and their gradients by each of these.
  private static func value(
    _ batch: Microbatch, _ scores: [[Float]], _ loss: (Pass, [Tensor]) -> RowLosses
  ) -> (losses: [Double], gradients: [[Float]]) {
    let tape = Tape()
    let pass = Pass(
      engine: Engine(), mode: .training, tape: tape, randomness: Pass.Randomness(seed: 0, step: 0, pass: 0),
      rows: batch.sequences)
    let tensors = scores.map { own in
      let tensor = pass.tensor([own.count / 2, 2], needsGradient: true)
      _ = tensor.values.update(fromContentsOf: own)
      return tensor
    }
    let losses = loss(pass, tensors)
    losses.losses.seedGradient(1, weights: losses.weights ?? [])
    tape.backward()
    return (
      losses.losses.values.map(Double.init),
      tensors.map { tensor in
        let slot = tensor.gradientSlot().pointer
        return (0..<tensor.count).map { slot[$0] }
      }
    )
  }

  @Test("R-Drop compares the starts and the ends of each window, and a teacher's scores are compared one by one")
  func divergence() throws {
    let rows = try Self.rows(Self.nested.split(separator: "\n").joined(), maximumLength: 16)
    let batch = rows.microbatch(rows: [0, 1], positions: 0..<2)
    guard case .tokens(let tokens) = batch.input else { preconditionFailure("questions without tokens") }
    let (count, windows) = (2 * tokens.ids.count, tokens.offsets.count - 1)
    #expect(windows > 2)
    let sides = [(7, 0), (11, 3)].map { (factor: Int, shift: Int) -> [Float] in
      (0..<count).map { index in
        let step = (index * factor + shift) % 13
        return Float(step) / 4 - 1
      }
    }
    /// The sum over windows, and the parts of each.
    func naive(_ sides: [[Float]]) -> (divergences: [Double], distances: [Double]) {
      var (divergences, distances): ([Double], [Double]) = ([], [])
      for window in 0..<windows {
        let own = Int(tokens.offsets[window])..<Int(tokens.offsets[window + 1])
        var (divergence, distance) = (0.0, 0.0)
        for column in 0..<2 {
          let parts = sides.map { (side: [Float]) -> [Double] in own.map { Double(side[2 * $0 + column]) } }
          let shares = parts.map { (part: [Double]) -> [Double] in
            let powers: [Double] = part.map { exp($0) }
            let sum: Double = powers.reduce(0, +)
            return powers.map { $0 / sum }
          }
          for (p, q) in zip(shares[0], shares[1]) {
            let logarithm: Double = log(p) - log(q)
            divergence += (p - q) * logarithm / 4
          }
          for (x, y) in zip(parts[0], parts[1]) {
            let difference: Double = x - y
            distance += difference * difference / Double(2 * own.count)
          }
        }
        divergences.append(divergence)
        distances.append(distance)
      }
      return (divergences, distances)
    }
    let divergences = Self.value(batch, sides) { Self.task.divergence($1[0], $1[1], batch, $0) }
    let distances = Self.value(batch, sides) { Self.task.distance($1[0], $1[1], batch, $0) }
    let wanted = naive(sides)
    for window in 0..<windows {
      #expect(abs(divergences.losses[window] - wanted.divergences[window]) < 1e-5 * wanted.divergences[window])
      #expect(abs(distances.losses[window] - wanted.distances[window]) < 1e-5 * wanted.distances[window])
    }
    for index in stride(from: 0, to: count, by: 11) {
      for side in 0..<2 {
        func sums(_ step: Float) -> (Double, Double) {
          var moved = sides
          moved[side][index] += step
          let values = naive(moved)
          return (values.divergences.reduce(0, +), values.distances.reduce(0, +))
        }
        let (above, below) = (sums(1 / 256), sums(-1 / 256))
        let slopes = (128 * (above.0 - below.0), 128 * (above.1 - below.1))
        #expect(abs(Double(divergences.gradients[side][index]) - slopes.0) < 1e-4, "\(side), \(index)")
        // The teacher gets no gradient.
        guard side == 0 else { continue }
        #expect(abs(Double(distances.gradients[side][index]) - slopes.1) < 1e-4, "\(index)")
      }
    }
  }

  @Test(
    "A model's folder with wrong settings is refused",
    arguments: ["n_best", "max_answer_length", "normalization", "null_threshold"])
  func settings(key: String) {
    for value in ["x", [1.5]] as [Any] {
      #expect(throws: ModelError.self) {
        try SpanAnswer(HeadDescription(outputs: 2, architecture: "BertForQuestionAnswering", settings: [key: value]))
      }
    }
  }
}
