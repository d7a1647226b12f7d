import Support

/// What `metrics.jsonl` says of a run, in memory that does not grow with it.
struct RunRecord {
  /// A metric of one set of weights.
  struct Score {
    var metric: String
    /// `raw`, or the name of an average.
    var weights: String
    var curve = Curve()
  }

  /// Figures of each step, in the order in which they are drawn.
  static let figures = ["loss", "learning_rate", "gradient_norm", "samples_per_second"]
  /// More different names than that are not believed.
  private static let mostNames = 32
  private static let mostClasses = 128
  private static let longestName = 64
  private static let mostEpochs = 512

  private(set) var step = 0
  /// From 1.
  private(set) var epoch = 1
  /// The first step of each epoch after the first, as far as so many can be told apart.
  private(set) var epochStarts: [(epoch: Int, step: Int)] = []
  /// In the order of `figures`.
  private(set) var curves = figures.map { _ in Curve() }
  /// The terms of the loss, by name.
  private(set) var terms: [(name: String, curve: Curve)] = []
  private(set) var scores: [Score] = []
  /// The F1 of each class, label or type of entity; the metric is its name.
  private(set) var classScores: [Score] = []
  /// The class that f1, precision and recall are of.
  private(set) var positive: String?
  private(set) var ranks = RankFigures()
  /// Evaluations so far, by which a reader knows that there is a new one.
  private(set) var evaluations = 0
  /// The first step whose loss or gradient was no number.
  private(set) var firstBroken: Int?
  /// Updates that all ranks skipped because a gradient overflowed.
  private(set) var skipped = 0
  /// Seconds and rows of the latest steps.
  private(set) var recentSeconds = RecentMean()
  private(set) var recentRows = RecentMean()

  /// Takes a line; one that is not JSON or makes no sense is passed over.
  mutating func add(_ bytes: UnsafeBufferPointer<UInt8>) {
    if let line = StepLine(bytes), let step = line.step, 0...Curve.lastStep ~= step {
      let figures = line.figures
      addStep(step, epoch: line.epoch, [figures.0, figures.1, figures.2, figures.3], seconds: line.seconds)
      if figures.2 == nil, firstBroken == nil { firstBroken = step }
      return
    }
    guard let line = try? JSONParser.parse(bytes), let step = line["step"]?.integer, 0...Curve.lastStep ~= step else {
      return
    }
    if line["loss"] != nil {
      addStep(line, step)
    } else if let evaluation = line["evaluation"] {
      addEvaluation(evaluation, step)
    } else if let ranks = line["ranks"] {
      self.ranks.add(ranks, step: step)
    }
  }

  private mutating func addStep(_ line: JSONValue, _ step: Int) {
    addStep(
      step, epoch: line["epoch"]?.integer, Self.figures.map { line[$0]?.number }, seconds: line["seconds"]?.number)
    let isBroken = line["loss"]?.number == nil || line["gradient_norm"]?.number == nil
    if isBroken, firstBroken == nil, line["skipped"] == nil { firstBroken = step }
    if line["skipped"]?.boolean == true { skipped += 1 }
    for member in line["terms"]?.members ?? [] {
      guard let value = member.value.number, let index = term(named: member.key) else { continue }
      terms[index].curve.add(value, step: step)
    }
  }

  private mutating func addStep(_ step: Int, epoch: Int?, _ figures: [Double?], seconds: Double?) {
    self.step = max(self.step, step)
    noteEpoch(max(1, epoch ?? self.epoch), from: step)
    for (index, value) in figures.enumerated() {
      if let value { curves[index].add(value, step: step) }
    }
    if let seconds, seconds >= 0 {
      recentSeconds.add(seconds)
      recentRows.add((figures[3] ?? 0) * seconds)
    }
  }

  private mutating func noteEpoch(_ epoch: Int, from step: Int) {
    defer { self.epoch = epoch }
    guard epoch > self.epoch else { return }
    epochStarts.append((epoch, step))
    if epochStarts.count > Self.mostEpochs {
      epochStarts = epochStarts.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    }
  }

  private mutating func addEvaluation(_ evaluation: JSONValue, _ step: Int) {
    let weights = evaluation["weights"]?.text ?? "raw"
    evaluations += 1
    if let name = evaluation["positive"]?.text, name.utf8.count <= Self.longestName { positive = name }
    // The number of rows and the training loss are not scores.
    for member in evaluation.members where member.key != "rows" && member.key != "training_loss" {
      guard let value = member.value.number else { continue }
      Self.add(value, step, of: member.key, weights, to: &scores, atMost: Self.mostNames)
    }
    for member in evaluation["f1_by_class"]?.members ?? [] {
      guard let value = member.value.number else { continue }
      Self.add(value, step, of: member.key, weights, to: &classScores, atMost: Self.mostClasses)
    }
  }

  private mutating func term(named name: String) -> Int? {
    if let index = terms.firstIndex(where: { $0.name == name }) { return index }
    guard terms.count < Self.mostNames, name.utf8.count <= Self.longestName else { return nil }
    terms.append((name, Curve()))
    return terms.count - 1
  }

  private static func add(
    _ value: Double, _ step: Int, of metric: String, _ weights: String, to scores: inout [Score], atMost most: Int
  ) {
    if let index = scores.firstIndex(where: { $0.metric == metric && $0.weights == weights }) {
      return scores[index].curve.add(value, step: step)
    }
    guard scores.count < most, max(metric.utf8.count, weights.utf8.count) <= longestName else { return }
    scores.append(Score(metric: metric, weights: weights))
    scores[scores.count - 1].curve.add(value, step: step)
  }
}

/// The mean of the latest values.
struct RecentMean {
  private var values: [Double] = []
  private var next = 0
  private static let window = 100

  var value: Double? { values.isEmpty ? nil : values.reduce(0, +) / Double(values.count) }

  mutating func add(_ value: Double) {
    if values.count < Self.window { values.append(value) } else { values[next] = value }
    next = (next + 1) % Self.window
  }
}
