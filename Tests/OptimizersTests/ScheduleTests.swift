import Optimizers
import Testing

struct ScheduleTests {
  private struct Curves: Decodable {
    let baseLearningRate: Double
    let curves: [String: [Double]]
  }

  /// "linear_with_warmup 6 of 40" or "step 10 gamma=.5": a kind, numbers by position, numbers by name.
  private struct Title {
    var kind = ""
    var positional: [Double] = []
    var named: [String: Double] = [:]
    var words: Set<String> = []

    init(_ text: String) {
      for word in text.split(separator: " ") {
        let parts = word.split(separator: "=").map(String.init)
        if let value = parts.count == 2 ? Double("0" + parts[1]) ?? Double(parts[1]) : nil {
          named[parts[0]] = value
        } else if let value = Double(word) {
          positional.append(value)
        } else {
          words.insert(String(word))
          if kind.isEmpty { kind = String(word) }
        }
      }
    }

    func schedule() throws -> Schedule {
      switch kind {
      case "cosine_annealing":
        return .cosineAnnealing(period: try count("T_max"), minimum: named["eta_min"] ?? 0)
      case "cosine_annealing_warm_restarts":
        return .cosineWarmRestarts(
          period: try count("T_0"), multiplier: try count("T_mult"), minimum: named["eta_min"] ?? 0)
      case "linear_with_warmup": return .linear(warmUp: warmUp, total: Int(positional[1]))
      case "cosine_with_warmup": return .cosine(warmUp: warmUp, total: Int(positional[1]))
      case "polynomial_with_warmup":
        return .polynomial(
          warmUp: warmUp, total: Int(positional[1]), power: try value("power"), end: try value("lr_end"))
      case "step": return .step(interval: Int(positional[0]), factor: try value("gamma"))
      case "exponential": return .exponential(factor: try value("gamma"))
      case "one_cycle": return .oneCycle(total: try count("total"))
      case "swalr":
        return .annealed(
          base: .constant(), start: 0, learningRate: try value("swa_lr"), anneal: try count("anneal"),
          curve: words.contains("cos") ? .cosine : .linear)
      default: throw UnknownCurve(title: kind)
      }
    }

    private var warmUp: WarmUp { WarmUp(steps: Int(positional[0])) }
    private func value(_ name: String) throws -> Double { try #require(named[name]) }
    private func count(_ name: String) throws -> Int { Int(try value(name)) }
  }

  private struct UnknownCurve: Error { let title: String }

  @Test("every curve of PyTorch and transformers is met at every step")
  func golden() throws {
    let golden = try Golden.scenario("schedules", as: Curves.self)
    #expect(golden.curves.count >= 10)
    for (title, rates) in golden.curves {
      let schedule = try Title(title).schedule()
      try schedule.validate()
      for (step, expected) in rates.enumerated() {
        let rate = schedule.learningRate(at: step, base: golden.baseLearningRate)
        #expect(abs(rate - expected) <= 1e-9 * golden.baseLearningRate, "\(title), step \(step)")
      }
    }
  }

  @Test("a warm-up that skips zero reaches the full rate with its last step")
  func warmUpWithoutZero() {
    let schedule = Schedule.linear(warmUp: WarmUp(steps: 4, skipsZero: true), total: 20)
    for step in 0..<20 {
      let expected = step < 4 ? Double(step + 1) / 4 : Double(20 - step) / 16
      #expect(abs(schedule.learningRate(at: step, base: 1e-4) - 1e-4 * expected) < 1e-18)
    }
  }

  @Test("a warm-up by ratio is rounded up")
  func warmUpByRatio() {
    #expect(WarmUp(ratio: 0.06, of: 471).steps == 29)
    #expect(WarmUp(ratio: 0, of: 471).steps == 0)
    #expect(WarmUp(ratio: 1, of: 471).steps == 471)
  }

  @Test("averaging anneals from where the schedule had come to, as in SGD with SWA on a cosine")
  func annealedAfterCosine() {
    let schedule = Schedule.annealed(
      base: .cosineAnnealing(period: 10), start: 5, learningRate: 0.02, anneal: 3, curve: .linear)
    let rates = [
      0.1, 0.09755282581475769, 0.09045084971874738, 0.07938926261462367, 0.06545084971874739, 0.05, 0.04, 0.03, 0.02,
      0.02,
    ]
    for (step, expected) in rates.enumerated() {
      #expect(abs(schedule.learningRate(at: step, base: 0.1) - expected) < 1e-15)
    }
    let sudden = Schedule.annealed(base: .constant(), start: 2, learningRate: 0.5, anneal: 0)
    #expect((0..<4).map { sudden.learningRate(at: $0, base: 1) } == [1, 1, 0.5, 0.5])
  }

  @Test("beyond its last step a schedule stays where it ended")
  func beyondTheEnd() {
    let base = 0.1
    #expect(Schedule.linear(total: 10).learningRate(at: 99, base: base) == 0)
    #expect(Schedule.cosine(total: 10).learningRate(at: 99, base: base) == 0)
    #expect(Schedule.polynomial(total: 10, end: 0.01).learningRate(at: 99, base: base) == 0.01)
    #expect(abs(Schedule.oneCycle(total: 10).learningRate(at: 99, base: base) - 0.1 / 25 / 10_000) < 1e-18)
  }

  @Test(
    "numbers that describe no curve are refused by name",
    arguments: [
      (Schedule.linear(total: 0), "total"), (.cosineAnnealing(period: 0), "period"),
      (.cosineWarmRestarts(period: 5, multiplier: 0), "multiplier"), (.step(interval: 0), "interval"),
      (.exponential(factor: .nan), "factor"), (.oneCycle(total: 10, rise: 2), "rise"),
      (.annealed(base: .constant(), start: -1, learningRate: 1, anneal: 1), "start"),
      (.annealed(base: .linear(total: 0), start: 1, learningRate: 1, anneal: 1), "total"),
    ])
  func validation(schedule: Schedule, parameter: String) {
    let error = #expect(throws: ScheduleError.self) { try schedule.validate() }
    #expect(error?.parameter == parameter)
  }

  @Test(
    "the smallest schedules have finite rates at every step",
    arguments: [
      Schedule.oneCycle(total: 1), .oneCycle(total: 3, rise: 0), .oneCycle(total: 4, rise: 1),
      .oneCycle(total: 10, rise: 0.1), .linear(warmUp: WarmUp(steps: 3), total: 3),
      .cosine(warmUp: WarmUp(steps: 3), total: 2),
    ])
  func edges(schedule: Schedule) throws {
    try schedule.validate()
    for step in 0..<12 { #expect((0...1).contains(schedule.learningRate(at: step, base: 1)), "step \(step)") }
  }
}
