import Checkpoints
import Collectives
import Data
import DataParallel
import Foundation
import Layers
import Models
import Optimizers
import Tasks
import Tensors
import Training

/// A scenario of a tiny BERT below `families`: batches of several sizes, AdamW at 1e-3 with decay of matrices, clipping at 1.
package struct GoldenFamily {
  package let scenario: String
  package let facts: [String: Any]
  /// The parts before the first step; later steps share model, state and optimizer.
  package private(set) var parts: TrainingParts
  package private(set) var reports: [StepReport] = []

  /// Trains a scenario.
  /// - Parameters:
  ///   - task: nil for one class a row.
  ///   - microbatch: rows computed at once of a batch of so many; it must divide them.
  ///   - steps: nil for all of the scenario.
  ///   - configure: installs the technique.
  package init(
    _ scenario: String, task: (any LearningTask)? = nil, microbatch: (_ rows: Int) -> Int = { $0 },
    steps: Int? = nil, configure: (inout TrainingParts) throws -> Void
  ) throws {
    self.scenario = "families/" + scenario
    facts = try Golden.facts(self.scenario)
    let batches = try Self.batches(self.scenario, count: steps ?? facts["steps"] as? Int ?? 5)
    parts = try Self.parts(self.scenario, rows: batches[0], task: task)
    try configure(&parts)
    for rows in batches {
      var own = parts
      own.dataset = rows
      own.plan = try BatchPlan(
        rowCount: rows.rowCount, batchSize: rows.rowCount, microbatchSize: microbatch(rows.rowCount), seed: 0,
        shuffle: false)
      let trainer = Trainer(
        parts: own, settings: TrainingSettings(seed: 7, totalSteps: 1),
        replicas: DataParallelGroup(SoloGroup(), reduction: .ordered))
      reports.append(try trainer.advance())
    }
  }

  private static func parts(
    _ scenario: String, rows: SequenceRows, task: (any LearningTask)? = nil
  ) throws -> TrainingParts {
    let json = try Golden.configuration(scenario)
    let labels = task?.outputs ?? (json["id2label"] as? [String: Any])?.count ?? 2
    let family = try EncoderFamilies.read(json, source: scenario)
    let model = TextClassifier(family, labels: labels, head: task.flatMap(family.design))
    let state = ModelState(model, seed: 0)
    let report = try PretrainedDirectory(path: Golden.path(scenario, "model")).load(into: state)
    guard report.missing.isEmpty else {
      throw GoldenError(scenario: scenario, problem: "lacks \(report.missing.joined(separator: ", "))")
    }
    var parts = TrainingParts(
      model: model, state: state, dataset: rows, task: task ?? SingleLabel(classes: model.labels),
      plan: try BatchPlan(rowCount: rows.rowCount, batchSize: rows.rowCount, microbatchSize: 1, seed: 0),
      optimizer: AdamW(layout: state.layout), learningRate: { _ in 1e-3 })
    parts.weightDecay = 0.01
    parts.clip = Clipping(maximum: 1)
    return parts
  }

  /// The classifier of a scenario with its initial weights, and the rows of its first batch.
  package static func classifier(
    _ scenario: String, task: (any LearningTask)? = nil
  ) throws -> (TextClassifier, ModelState, Microbatch) {
    let rows = try batches("families/" + scenario, count: 1)[0]
    let parts = try parts("families/" + scenario, rows: rows, task: task)
    guard let model = parts.model as? TextClassifier else { preconditionFailure("a scenario of another model") }
    return (model, parts.state, rows.microbatch(rows: Array(0..<rows.rowCount), positions: 0..<rows.rowCount))
  }

  /// The largest difference of a model's scores from a scenario's, over the largest of them where that is above 1.
  package static func scoreError(_ model: TextClassifier, _ batch: Microbatch, _ scenario: String) throws -> Float {
    let outputs = try Golden.tensors("families/" + scenario, "outputs")
    let expected = try outputs.floats(outputs["logits"] == nil ? "masked_logits" : "logits")
    let pass = Pass(
      engine: Engine(), mode: .evaluation, tape: nil, randomness: Pass.Randomness(seed: 0, step: 0, pass: 0),
      rows: batch.sequences)
    let scores = model(batch, pass)[0].copied
    guard scores.count == expected.count else { return .infinity }
    let error = zip(scores, expected).map { abs($0 - $1) }.max() ?? .infinity
    return error / max(1, expected.map(abs).max() ?? 0)
  }

  /// What of five steps is not the scenario's: losses to 1e-5, norms to 1e-4, weights to 2e-5.
  package func deviations() throws -> [String] {
    let errors = reportErrors
    let isFaithful = reports.count == 5 && errors.losses < 1e-5 && errors.norms < 1e-4
    let wrong = try wrongTensors(
      parts.state.weights, file: "final", tolerance: 2e-5, own: "final_tolerances", except: "final_excludes")
    return (isFaithful ? [] : ["\(reports.count) steps, \(errors)"]) + wrong.map { "\($0)" }
  }

  /// The mean loss of the first batch of a scenario, and its gradients.
  package static func backward(
    _ scenario: String, task: any LearningTask
  ) throws -> (mean: Double, gradients: Tensors.Arena) {
    let (model, state, batch) = try classifier(scenario, task: task)
    let gradients = Arena(layout: state.layout)
    let tape = Tape()
    let pass = Pass(
      engine: Engine(), mode: .training, tape: tape, randomness: Pass.Randomness(seed: 0, step: 0, pass: 0),
      rows: batch.sequences)
    state.beginGradients(in: gradients)
    let losses = task.losses(model(batch, pass)[0], batch, pass).losses
    losses.seedGradient(1 / Float(losses.count))
    let mean = losses.values.reduce(0.0) { $0 + Double($1) } / Double(losses.count)
    tape.backward()
    state.endGradients()
    return (mean, gradients)
  }

  /// The gradients that are farther than 1e-4 of a tensor's largest from a file of a scenario.
  ///
  /// - Parameter zeros: the tensors whose gradient is 0 but for rounding.
  package static func wrongGradients(
    _ gradients: Tensors.Arena, _ scenario: String, file name: String, zeros: [String]
  ) throws -> [WeightError] {
    let expected = try Golden.tensors("families/" + scenario, name)
    return try gradients.layout.slices.compactMap { slice in
      let reference = try expected.floats(slice.name)
      let tolerance = zeros.contains(slice.name) ? 1e-6 : 1e-4 * (reference.map(abs).max() ?? 0)
      let error = zip(gradients[slice.name]!, reference).map { abs($0 - $1) }.max() ?? .infinity
      return error <= tolerance ? nil : WeightError(value: Double(error), tensor: slice.name)
    }
  }

  private static func batches(_ scenario: String, count: Int) throws -> [SequenceRows] {
    let inputs = try Golden.tensors(scenario, "inputs")
    return try (0..<count).map { batch in
      let ids = try inputs.integers("\(batch).packed_ids")
      let typeName = "\(batch).packed_token_type_ids"
      let types = inputs[typeName] == nil ? ids.map { _ in 0 } : try inputs.integers(typeName)
      let starts = try inputs.integers("\(batch).row_starts").map { Int($0) }
      let sequences = zip(starts, starts.dropFirst()).map { start, end in
        (ids: ids[start..<end].map { Int32($0) }, typeIDs: types[start..<end].map { Int32($0) })
      }
      let labels = "\(batch).labels"
      if inputs["\(batch).packed_labels"] != nil {
        return try words(sequences, starts, inputs.integers("\(batch).packed_labels").map { Int($0) })
      }
      if inputs["\(batch).start_positions"] != nil {
        let places = try ["start", "end"].map { try inputs.integers("\(batch).\($0)_positions").map { Int($0) } }
        return questions(sequences, starts: places[0], ends: places[1], try windows(scenario, batch))
      }
      if try (Golden.facts(scenario)["task"] as? String)?.hasPrefix("sentence") == true {
        let scores = inputs[labels] == nil ? nil : try inputs.floats(labels)
        return pairs(sequences, scores, texts: try Golden.facts(scenario)["texts"] as? Int ?? 2)
      }
      var targets = try targets(inputs, labels)
      let isSoft = try (Golden.facts(scenario)["loss"] as? String)?.hasPrefix("labels are distributions") == true
      if isSoft {
        let own = Targets(distributions: targets.flatMap { $0 }, classes: targets[0].count)
        targets = targets.indices.map { Array(own[$0]) }
      }
      let count = sequences.count / targets.count
      return SequenceRows(
        targets.enumerated().map { row, own in
          SequenceRows.Row(
            Array(sequences[row * count..<(row + 1) * count]), targets: own, weight: isSoft ? 1 : nil)
        })
    }
  }

  /// Rows of which each token with a label is a word.
  private static func words(
    _ sequences: [(ids: [Int32], typeIDs: [Int32])], _ starts: [Int], _ labels: [Int]
  ) -> SequenceRows {
    SequenceRows(
      zip(sequences, starts).map { sequence, start in
        let words = sequence.ids.indices.filter { labels[start + $0] >= 0 }
        return SequenceRows.Row(
          [sequence], targets: words.map { Float(labels[start + $0]) }, words: words.map { Int32($0) })
      })
  }

  /// A window of a question's context: whose it is, and where the context stands in it.
  package struct Window {
    package let question: Int
    package let first: Int
    package let context: Range<Int>
  }

  /// The windows of a batch.
  package static func windows(_ scenario: String, _ batch: Int) throws -> [Window] {
    let facts = try Golden.facts(scenario)["windows"] as? [[[String: Int]]] ?? []
    return facts[batch].map { window in
      let begin = window["context_begin"] ?? 0
      return Window(
        question: window["example"] ?? 0, first: window["first_context_position"] ?? 0,
        context: begin..<begin + (window["context_tokens"] ?? 0))
    }
  }

  /// Questions, each with all of its windows; a token of a context is a character of it.
  private static func questions(
    _ sequences: [(ids: [Int32], typeIDs: [Int32])], starts: [Int], ends: [Int], _ windows: [Window]
  ) -> SequenceRows {
    let rows = Dictionary(grouping: windows.indices) { windows[$0].question }.sorted { $0.key < $1.key }
    return SequenceRows(
      rows.map { _, own in
        var (places, codes, borders): ([Range<Int>], [Float], [Range<Int>]) = ([], [], [])
        for window in own {
          let (facts, count) = (windows[window], sequences[window].ids.count)
          let context = facts.first..<facts.first + facts.context.count
          borders.append(places.count..<places.count + count)
          places += (0..<count).map { token in
            let place = facts.context.lowerBound + token - facts.first
            return context.contains(token) ? place..<place + 1 : 0..<0
          }
          codes += (0..<count).map { ($0 == starts[window] ? 1 : 0) + ($0 == ends[window] ? 2 : 0) }
        }
        let text = String(repeating: "x", count: places.map(\.upperBound).max() ?? 0)
        let words = RowWords(text: text, places: places, areRead: places.map { _ in true }, windows: borders)
        return SequenceRows.Row(asked: words, own.map { sequences[$0] }, codes: codes)
      })
  }

  /// Rows of several texts, of which the first texts come before all second ones.
  private static func pairs(
    _ sequences: [(ids: [Int32], typeIDs: [Int32])], _ scores: [Float]?, texts: Int
  ) -> SequenceRows {
    let count = sequences.count / texts
    return SequenceRows(
      (0..<count).map { row in
        SequenceRows.Row(
          (0..<texts).map { sequences[$0 * count + row] }, targets: [scores?[row] ?? .nan], weight: 1)
      })
  }

  /// The targets of each row: a class, or a number a column.
  private static func targets(_ inputs: SafetensorsFile, _ name: String) throws -> [[Float]] {
    let shape = inputs[name]?.shape ?? []
    let width = shape.dropFirst().reduce(1, *)
    let values =
      inputs[name]?.type == .float32 ? try inputs.floats(name) : try inputs.integers(name).map { Float($0) }
    return stride(from: 0, to: values.count, by: width).map { Array(values[$0..<$0 + width]) }
  }

  /// The largest relative difference of the losses, and of the norms before clipping.
  package var reportErrors: (losses: Double, norms: Double) {
    func numbers(_ key: String) -> [Double] { facts[key] as? [Double] ?? [] }
    return (
      GoldenRun.largestRelativeError(reports.map(\.loss), numbers("losses")),
      GoldenRun.largestRelativeError(reports.map(\.gradientNorm), numbers("gradient_norms_before_clip"))
    )
  }

  /// The tensors that are farther from a file of the scenario than it allows, in units of each one's largest element.
  package func wrongTensors(
    _ values: Tensors.Arena, file name: String, tolerance usual: Double, facts given: [String: Any]? = nil,
    own: String, except: String
  ) throws -> [WeightError] {
    let facts = given ?? facts
    let file = try Golden.tensors(scenario, name)
    let tolerances = facts[own] as? [String: Double] ?? [:]
    let excluded = facts[except] as? [String] ?? []
    return try values.layout.slices.compactMap { slice in
      // A scenario of the encoder alone has its names without the prefix.
      let name = file[slice.name] == nil ? String(slice.name.trimmingPrefix("bert.")) : slice.name
      if excluded.contains(name) { return nil }
      let expected = try file.floats(name)
      let largest = Double(expected.map(abs).max() ?? 1)
      let differences = zip(values[slice.name]!, expected).map { abs(Double($0) - Double($1)) }
      let error = (differences.max() ?? .infinity) / largest
      return error <= tolerances[name] ?? usual ? nil : WeightError(value: error, tensor: slice.name)
    }
  }
}
