import Lockstep
import Optimizers
import Tasks
import TestSupport
import Testing

/// Rows that are read in windows, on any number of ranks and microbatches.
@Suite struct WindowInvarianceTests {
  typealias Case = TaskInvarianceTests.Case

  /// Every task that takes windows, with rows of 1 to 4 of them; and one class a row.
  static let cases: [Case] = {
    let cases = Case.all.filter { type(of: $0.task).takesWindows && type(of: $0.task).layout.averagesWindows }
    func sequences(_ rows: any Dataset) -> SequenceRows {
      guard let rows = rows as? SequenceRows else { preconditionFailure("rows of another kind") }
      return rows
    }
    let classes = SequenceRows(
      sequences(cases[0].rows).rows.enumerated().map { SequenceRows.Row($1.sequences, targets: [Float($0 % 3)]) })
    let words = Case.all.filter { type(of: $0.task).layout == .words }
    return (cases + [Case(name: "single-label", task: SingleLabel(classes: 3), rows: classes)]).map {
      Case(name: $0.name, task: $0.task, rows: windowed(sequences($0.rows)))
    } + words.map { Case(name: $0.name, task: $0.task, rows: spread(sequences($0.rows))) }
  }()

  /// Rows of up to three windows, of which each has words.
  private static func spread(_ rows: SequenceRows) -> SequenceRows {
    SequenceRows(
      rows.rows.enumerated().map { index, row in
        let windows = 0..<Int32(1 + index % 3)
        let length = Int32(row.sequences[0].ids.count)
        return SequenceRows.Row(
          windows.map { _ in row.sequences[0] }, targets: windows.flatMap { _ in row.targets },
          words: windows.flatMap { window in (row.words ?? []).map { window * length + $0 } })
      }, areWindows: true)
  }

  private static func windowed(_ rows: SequenceRows) -> SequenceRows {
    let texts = rows.rows.map { $0.sequences[0] }
    let windowed = rows.rows.enumerated().map { index, row in
      SequenceRows.Row(
        row.sequences + (0..<index % 4).map { texts[(5 * index + $0) % texts.count] }, targets: row.targets,
        weight: row.weight)
    }
    return SequenceRows(windowed, areWindows: true)
  }

  static let techniques = [
    "", "r_drop: {alpha: 1}", "fgm: {epsilon: 0.5}", "pgd: {epsilon: 0.4, steps: 2, scope: example}",
    "{multi_sample_dropout: {average: logits}, ema: {decay: 0.9}}",
    "{r_drop: {}, self_distillation: {last: 2}, fgm: {}, swa: {start: 1}}",
  ]

  @Test("Tasks that score a row or its words take windows, and others do not")
  func tasks() {
    #expect(
      TaskKinds.all.filter { $0.takesWindows }.map { $0.kind } == [
        "single-label", "regression", "multi-label", "token-classification", "span-answer",
      ])
    #expect(Self.cases.count >= 4)
  }

  @Test(
    "Losses and weights are the same however a batch is cut, and measures are exact", arguments: cases, techniques)
  func layouts(task: Case, techniques: String) throws {
    try TaskInvarianceTests().layouts(task: task, techniques: techniques)
  }

  @Test("Ordered sums give the same bits on any number of ranks, of measures too", arguments: cases, techniques)
  func bits(task: Case, techniques: String) throws {
    try TaskInvarianceTests().bits(task: task, techniques: techniques)
  }

  @Test("A row of many windows counts as much as a row of one: of windows that are all alike it is the row itself")
  func weight() throws {
    let (plain, windowed) = (try repeated("{}") { _ in 1 }, try repeated("{}") { 1 + $0 % 5 })
    #expect(zip(plain.losses, windowed.losses).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(zip(plain.weights, windowed.weights).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  /// A row's gradient is that of each of its n equal windows n times over, divided by n, so that √n times the length in all
  /// windows is the same length in each.
  @Test("An adversary by example moves all windows of a row within one radius")
  func adversary() throws {
    let plain = try repeated("fgm: {epsilon: 0.5, scope: example}") { _ in 1 }
    let windowed = try repeated("fgm: {epsilon: 1, scope: example}") { _ in 4 }
    #expect(zip(plain.weights, windowed.weights).allSatisfy { abs($0 - $1) < 1e-5 })
    let clean = try repeated("{}") { _ in 1 }
    #expect(zip(plain.weights, clean.weights).contains { abs($0 - $1) > 1e-3 })
  }

  /// A run without dropout over rows of windows that are all alike.
  private func repeated(_ techniques: String, windows: (Int) -> Int) throws -> WeightedRecipe.Outcome {
    var parts = try TinyBert.parts(microbatch: 4, dropout: 0)
    parts.optimizer = SGD(layout: parts.state.layout, momentum: 0)
    parts.learningRate = { _ in 0.05 }
    guard let rows = parts.dataset as? TokenRows else { preconditionFailure("rows of tokens") }
    parts.dataset = SequenceRows(
      rows.rows.enumerated().map { index, row in
        let sequence = (ids: row.ids, typeIDs: row.typeIDs)
        return SequenceRows.Row(
          [(ids: [Int32], typeIDs: [Int32])](repeating: sequence, count: windows(index)), targets: [Float(row.label)])
      }, areWindows: true)
    try parts.install(techniques, totalSteps: parts.plan.stepsPerEpoch)
    return try WeightedRecipe.Outcome(parts, ranks: nil)
  }
}
