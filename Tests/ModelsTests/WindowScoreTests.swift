import Data
import Foundation
import Layers
import Models
import Tensors
import TestSupport
import Testing

/// Scores of rows that are read in windows.
@Suite struct WindowScoreTests {
  /// Six rows of 1 to 4 windows, and each window as a row.
  private struct Case {
    let model: TextClassifier
    let state: ModelState
    let rows: Microbatch
    let windows: Microbatch
    private let engine = Engine()

    init(_ pooling: HeadDesign.Pooling?, dropouts: [Double]? = nil) throws {
      let family = try TinyEncoder.member(of: BERT.self)
      model = TextClassifier(family, labels: 3, head: try family.head(HeadChoice(pooling: pooling, dropouts: dropouts)))
      state = ModelState(model, seed: 5)
      let sequences = TokenRows(random: 14, vocabulary: 40, labels: 3, seed: 6).rows.map { ($0.ids, $0.typeIDs) }
      var all: [SequenceRows.Row] = []
      for count in [1, 3, 2, 1, 4, 3] {
        let first = all.reduce(0) { $0 + $1.sequences.count }
        all.append(SequenceRows.Row(Array(sequences[first..<first + count]), targets: [Float(all.count % 3)]))
      }
      rows = SequenceRows(all, areWindows: true).microbatch(rows: Array(0..<6), positions: 3..<9)
      windows = SequenceRows(sequences.map { SequenceRows.Row([$0], targets: [0]) })
        .microbatch(rows: Array(0..<14), positions: 0..<14)
    }

    func pass(_ mode: Pass.Mode, tape: Tape? = nil) -> Pass {
      Pass(
        engine: engine, mode: mode, tape: tape, randomness: Pass.Randomness(seed: 1, step: 0, pass: 0),
        rows: rows.sequences)
    }

    /// The windows of a row.
    func windows(of row: Int) -> Range<Int> { Int(rows.windows![row])..<Int(rows.windows![row + 1]) }

    func gradient(_ losses: (Pass) -> Tensor) -> [Float] {
      let (gradients, tape) = (Arena(layout: state.layout), Tape())
      state.beginGradients(in: gradients)
      let result = losses(pass(.training, tape: tape))
      result.seedGradient(1, weights: (0..<6).map { 1 + Float($0) })
      tape.backward()
      state.endGradients()
      return Array(gradients.values)
    }
  }

  @Test(
    "A row's scores are the means of those of its windows as rows of their own, with the same draws of dropout",
    arguments: [nil] + HeadDesign.Pooling.allCases.filter { $0 != .lastFour }.map(Optional.some))
  func means(pooling: HeadDesign.Pooling?) throws {
    let tiny = try Case(pooling, dropouts: [0.1, 0.3])
    for mode in [Pass.Mode.evaluation, .training] {
      let scores = tiny.model(tiny.rows, tiny.pass(mode))
      let each = tiny.model(tiny.windows, tiny.pass(mode))
      #expect(scores.count == (mode == .training ? 2 : 1) && scores.count == each.count)
      for (scores, each) in zip(scores, each) {
        #expect(scores.shape.dimensions == [6, 3])
        let (own, others) = (scores.copied, each.copied)
        for (row, column) in (0..<6).flatMap({ row in (0..<3).map { (row, $0) } }) {
          let windows = tiny.windows(of: row)
          let mean = windows.reduce(0.0) { $0 + Double(others[3 * $1 + column]) } / Double(windows.count)
          #expect(abs(Double(own[3 * row + column]) - mean) < 1e-6, "row \(row), score \(column)")
        }
      }
    }
  }

  @Test("The gradient of the rows' losses is that of a twin that averages the windows' scores by hand")
  func gradient() throws {
    let tiny = try Case(nil)
    let labels = tiny.rows.labels.map { Int($0) }
    let own = tiny.gradient { $0.crossEntropy(tiny.model(tiny.rows, $0)[0], labels: tiny.rows.labels) }
    let twin = tiny.gradient { pass in
      let scores = tiny.model(tiny.windows, pass)[0]
      let result = pass.result([6], from: [scores])
      let values = scores.copied.map { Double($0) }
      let means = (0..<6).map { row in
        (0..<3).map { column in
          tiny.windows(of: row).reduce(0) { $0 + values[3 * $1 + column] } / Double(tiny.windows(of: row).count)
        }
      }
      let sums = means.map { $0.reduce(0) { $0 + exp($1) } }
      for row in 0..<6 { result.values[row] = Float(log(sums[row]) - means[row][labels[row]]) }
      pass.record(result) { upstream in
        let slot = scores.clearedGradient()
        for row in 0..<6 {
          for (window, column) in tiny.windows(of: row).flatMap({ window in (0..<3).map { (window, $0) } }) {
            let slope = exp(means[row][column]) / sums[row] - (column == labels[row] ? 1 : 0)
            slot[3 * window + column] += upstream[row] * Float(slope / Double(tiny.windows(of: row).count))
          }
        }
      }
      return result
    }
    let largest = twin.map { abs($0) }.max() ?? 0
    #expect(largest > 0.1)
    #expect(zip(own, twin).allSatisfy { abs($0 - $1) < 2e-6 * largest })
  }
}
