import Checkpoints
import Collectives
import Data
import DataParallel
import Layers
import Models
import Optimizers
import Tasks
import Tensors
import Training

/// A BERT scenario trained by the real trainer: 8 batches of 8 rows, no dropout.
package struct GoldenRun {
  package let scenario: String
  package let facts: [String: Any]
  package let reports: [StepReport]
  package let parts: TrainingParts

  /// Trains a scenario.
  ///
  /// - Parameters:
  ///   - microbatch: rows computed at once; the results may differ by rounding alone.
  ///   - advance: runs one step; a user's own takes the place of the trainer's.
  ///   - configure: replaces parts of plain AdamW, as scenario `adamw` runs it.
  package init(
    _ scenario: String, group: any Group = SoloGroup(), microbatch: Int = 8,
    configure: (inout TrainingParts) throws -> Void = { _ in },
    advance: (Trainer) throws -> StepReport = { try $0.advance() }
  ) throws {
    self.scenario = scenario
    facts = try Golden.facts(scenario)
    var parts = try Self.parts(scenario, facts, microbatch: microbatch)
    try configure(&parts)
    let steps = parts.plan.stepsPerEpoch
    let trainer = Trainer(
      parts: parts, settings: TrainingSettings(seed: 7, totalSteps: steps),
      replicas: DataParallelGroup(group, reduction: .ordered))
    reports = try (0..<steps).map { _ in try advance(trainer) }
    self.parts = parts
  }

  private static func parts(_ scenario: String, _ facts: [String: Any], microbatch: Int) throws -> TrainingParts {
    guard let json = facts["config"] as? [String: Any] else {
      throw GoldenError(scenario: scenario, problem: "is no BERT scenario")
    }
    let labels = (json["id2label"] as? [String: Any])?.count ?? 2
    let model = TextClassifier(try EncoderFamilies.read(json, source: scenario), labels: labels)
    let state = ModelState(model, seed: 0)
    let initial = try Golden.tensors(scenario, "initial")
    for slice in state.layout.slices { try initial.read(slice.name, into: state.weights[slice.name]!) }
    let rows = try rows(of: scenario, batches: facts["steps"] as? Int ?? 8)
    let plan = try BatchPlan(
      rowCount: rows.rowCount, batchSize: facts["batch"] as? Int ?? 8, microbatchSize: microbatch, seed: 0,
      shuffle: false)
    var parts = TrainingParts(
      model: model, state: state, dataset: rows, task: SingleLabel(classes: model.labels), plan: plan,
      optimizer: AdamW(layout: state.layout),
      learningRate: { _ in 1e-3 })
    parts.weightDecay = 0.01
    return parts
  }

  /// The rows of all batches, without their pad tokens.
  package static func rows(of scenario: String, batches: Int) throws -> TokenRows {
    let inputs = try Golden.tensors(scenario, "inputs")
    return TokenRows(
      try (0..<batches).flatMap { batch in
        let labels = try inputs.integers("\(batch).labels")
        let ids = try inputs.integers("\(batch).input_ids")
        let types = try inputs.integers("\(batch).token_type_ids")
        let mask = try inputs.integers("\(batch).attention_mask")
        let width = ids.count / labels.count
        return labels.enumerated().map { row, label in
          let places = (row * width..<(row + 1) * width).filter { mask[$0] != 0 }
          return TokenRows.Row(
            ids: places.map { Int32(ids[$0]) }, typeIDs: places.map { Int32(types[$0]) }, label: Int32(label))
        }
      })
  }

  /// A list of numbers of the scenario.
  package func numbers(_ key: String) -> [Double] { facts[key] as? [Double] ?? [] }

  /// The largest relative difference between the losses and the scenario's.
  package var lossError: Double { Self.largestRelativeError(reports.map(\.loss), numbers("losses")) }

  package static func largestRelativeError(_ values: [Double], _ expected: [Double]) -> Double {
    guard values.count == expected.count, !values.isEmpty else { return .infinity }
    return zip(values, expected).map { abs($0 - $1) / max(abs($1), 1e-12) }.max()!
  }

  /// The largest difference of a weight from a file of the scenario, in units of its tensor's largest weight; key biases,
  /// whose true gradient is zero, are left out.
  ///
  /// - Parameter except: so many weights may be farther off: where a gradient cancels to the last bits, Adam turns what
  ///   rounding left of it into a step of up to the learning rate.
  package func weightError(
    _ weights: Tensors.Arena, file name: String = "final", except: Int = 0
  ) throws -> WeightError {
    let file = try Golden.tensors(scenario, name)
    var errors: [WeightError] = []
    for slice in weights.layout.slices where !slice.name.hasSuffix("attention.self.key.bias") {
      let expected = try file.floats(slice.name)
      let largest = Double(expected.map(abs).max() ?? 1)
      for (value, expected) in zip(weights[slice.name]!, expected) {
        let error = abs(Double(value) - Double(expected)) / largest
        errors.append(WeightError(value: error.isNaN ? .infinity : error, tensor: slice.name))
      }
    }
    return errors.sorted { $0.value > $1.value }[except]
  }
}

/// The largest difference of any weight, in units of its tensor's largest one, and where it is.
package struct WeightError: CustomStringConvertible {
  package var value = 0.0
  package var tensor = ""

  package var description: String { "\(value) in \(tensor)" }
}
