import Foundation
import Optimizers
import Tensors
import Testing

/// What PyTorch's schedulers gave (Tests/Vectors/schedules/torch.json, made with torch 2.13).
private struct Reference: Decodable {
  struct Run: Decodable {
    struct Keys: Decodable {
      var pctStart: Double?
      var divFactor: Double?
      var finalDivFactor: Double?
      var annealStrategy: String?
      var baseMomentum: Double?
      var maxMomentum: Double?
      var cycleMomentum: Bool?
    }

    var total: Int
    var keys: Keys
    var learningRates: [Double]
    var momenta: [Double]
  }

  var oneCycle: [Run]
  /// The three weights of a quadratic after each of twelve steps.
  var weights: [String: [[Double]]]
  /// Rates of epochs, of schedulers that are stepped once an epoch.
  var epochs: [String: [Double]]

  static func read() throws -> Reference {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let data = try Data(contentsOf: folder.appending(path: "Vectors/schedules/torch.json"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Reference.self, from: data)
  }
}

extension Reference.Run.Keys {
  fileprivate var curve: Schedule.Curve { annealStrategy == "linear" ? .linear : .cosine }
}

@Suite("PyTorch's schedulers, step by step")
struct OneCycleTests {
  @Test("the rates of one cycle are those of OneCycleLR at every step")
  func rates() throws {
    for run in try Reference.read().oneCycle {
      let schedule = Schedule.oneCycle(
        total: run.total - 1, rise: run.keys.pctStart ?? 0.3, start: run.keys.divFactor ?? 25,
        end: run.keys.finalDivFactor ?? 10_000, curve: run.keys.curve)
      try schedule.validate()
      for (step, expected) in run.learningRates.enumerated() {
        #expect(abs(schedule.learningRate(at: step, base: 0.1) - expected) < 1e-12, "\(run.total), step \(step)")
      }
    }
  }

  @Test("the momentum of one cycle is that of OneCycleLR at every step")
  func momenta() throws {
    for run in try Reference.read().oneCycle where run.keys.cycleMomentum ?? true {
      let cycle = CycledMomentum(
        total: run.total - 1, rise: run.keys.pctStart ?? 0.3, lowest: run.keys.baseMomentum ?? 0.85,
        highest: run.keys.maxMomentum ?? 0.95, curve: run.keys.curve)
      for (step, expected) in run.momenta.enumerated() {
        #expect(abs(cycle.momentum(at: step) - expected) < 1e-12, "\(run.total), step \(step)")
      }
    }
  }

  @Test("one cycle of rate and momentum gives PyTorch's weights", arguments: ["sgd", "nesterov", "adamw"])
  func weights(kind: String) throws {
    let expected = try #require(try Reference.read().weights[kind])
    let layout = ArenaLayout([("w", [3])])
    let (weights, gradients) = (Arena(layout: layout), Arena(layout: layout))
    let groups = ParameterGroups([("w", .weight, 0..<3, false)], weightDecay: 0.01)
    let optimizer: any Optimizer =
      kind == "adamw" ? AdamW(layout: layout) : SGD(layout: layout, momentum: 0.95, isNesterov: kind == "nesterov")
    let total = expected.count - 1
    let (schedule, cycle) = (Schedule.oneCycle(total: total), CycledMomentum(total: total))
    let target: [Float] = [1, -2, 0.5]
    for (index, value) in [Float(0.2), 0.3, -0.4].enumerated() { weights.pointer[index] = value }
    for (step, after) in expected.enumerated() {
      for index in 0..<3 { gradients.pointer[index] = weights.pointer[index] - target[index] }
      optimizer.momentum = cycle.momentum(at: step)
      optimizer.step(
        weights: weights, gradients: gradients, learningRate: schedule.learningRate(at: step, base: 0.1),
        gradientFactor: 1, groups: groups)
      for index in 0..<3 { #expect(abs(Double(weights.pointer[index]) - after[index]) < 2e-6, "step \(step)") }
    }
  }

  @Test("Lookahead passes a momentum on to the optimizer within")
  func lookahead() {
    let layout = ArenaLayout([("w", [3])])
    let inner = AdamW(layout: layout)
    let optimizer: any Optimizer = Lookahead(inner, weights: Arena(layout: layout))
    optimizer.momentum = 0.5
    #expect(inner.betas == (0.5, 0.999) && optimizer.momentum == 0.5)
  }

  @Test(
    "a schedule in epochs has PyTorch's rate of the epoch in each of its steps",
    arguments: [
      ("cosine_annealing", Schedule.cosineAnnealing(period: 5)),
      ("cosine_annealing final 0.01", .cosineAnnealing(period: 5, minimum: 0.01)),
      ("step 2 0.5", .step(interval: 2, factor: 0.5)), ("exponential 0.9", .exponential(factor: 0.9)),
    ])
  func epochs(name: String, schedule: Schedule) throws {
    let expected = try #require(try Reference.read().epochs[name])
    let counted = Schedule.perEpoch(schedule, steps: 7)
    try counted.validate()
    for (epoch, rate) in expected.enumerated() {
      for step in epoch * 7..<(epoch + 1) * 7 {
        #expect(abs(counted.learningRate(at: step, base: 0.1) - rate) < 1e-12, "\(name), step \(step)")
      }
    }
  }
}
