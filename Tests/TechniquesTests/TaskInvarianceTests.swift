import Layers
import Lockstep
import Models
import Optimizers
import Techniques
import Tensors
import TestSupport
import Testing

/// Tasks on any number of ranks and microbatches, with dropout and each technique.
@Suite struct TaskInvarianceTests {
  /// A task, rows of it, and what its model gives.
  struct Case: Sendable, CustomStringConvertible {
    let name: String
    let task: any LearningTask
    let rows: any Dataset
    /// Measured besides the usual ones.
    var measures: [String] = []
    var description: String { name }

    /// 22 rows; some targets of regression and labels are missing, and rows have 2 to 4 options.
    static let all: [Case] = {
      let stream = RandomStream(seed: 11, purpose: .initialization)
      func draw(_ index: Int, _ bound: Int) -> Int { Int(stream.integer(below: UInt32(bound), index: UInt64(index))) }
      func sequence(_ row: Int, _ part: Int) -> (ids: [Int32], typeIDs: [Int32]) {
        let ids = (0..<3 + draw(row * 97 + part, 9)).map { Int32(draw(row * 997 + part * 31 + $0, 40)) }
        return (ids, ids.indices.map { $0 > ids.count / 2 ? 1 : 0 })
      }
      func rows(_ targets: (Int, Int32) -> [Float]) -> SequenceRows {
        SequenceRows(
          (0..<22).map { row in
            let own = sequence(row, 0)
            return SequenceRows.Row([own], targets: targets(row, own.ids[0]))
          })
      }
      let choices = SequenceRows(
        (0..<22).map { row in
          let count = 2 + draw(row + 500, 3)
          return SequenceRows.Row((0..<count).map { sequence(row, $0) }, targets: [Float(draw(row + 900, count))])
        })
      // Of very different numbers of words, and one without any.
      let tagged = SequenceRows(
        (0..<22).map { row in
          let own = sequence(row, 0)
          let words = row == 7 ? [] : own.ids.indices.filter { $0 % (1 + row % 4) == 0 }
          return SequenceRows.Row(
            [own], targets: words.map { $0 == 3 ? .nan : Float(own.ids[$0] % 5) }, words: words.map { Int32($0) })
        })
      return [
        Case(
          name: "span-answer",
          task: try! SpanAnswer(
            HeadDescription(
              outputs: 2, architecture: "BertForQuestionAnswering", settings: ["null_threshold": 0.0])),
          rows: questions(sequence), measures: ["no_answer_f1", "best_f1"]),
        Case(
          name: "token-classification",
          task: try! TokenClassification(
            HeadDescription(
              outputs: 5, names: ["O", "B-a", "I-a", "B-b", "I-b"], architecture: "BertForTokenClassification")),
          rows: tagged),
        Case(
          name: "token-classification, a chain",
          task: try! TokenClassification(
            HeadDescription(
              outputs: 5, names: ["O", "B-a", "I-a", "B-b", "I-b"], architecture: "BertForTokenClassification",
              settings: ["crf": true])),
          rows: tagged),
        Case(
          name: "regression",
          task: try! Regression(HeadDescription(outputs: 2, problemType: "regression")),
          rows: rows { row, first in [Float(first) / 40, row % 3 == 0 ? .nan : Float(row) / 22] }),
        Case(
          name: "multi-label",
          task: try! MultiLabel(HeadDescription(outputs: 3, problemType: "multi_label_classification")),
          rows: rows { row, first in
            [Float(first % 2), row % 4 == 0 ? .nan : Float(row % 2), Float(first % 3 == 0 ? 1 : 0)]
          }),
        Case(
          name: "single-label, soft", task: SingleLabel(classes: 3),
          rows: SequenceRows(
            (0..<22).map { row in
              let own = sequence(row, 0)
              let rest = Float(own.ids[0] % 10) / 20
              let targets = Targets(distributions: [rest, 0.75 - rest, 0.25], classes: 3)
              return SequenceRows.Row([own], targets: Array(targets[0]), weight: 1)
            })),
        Case(
          name: "multiple-choice",
          task: try! MultipleChoice(HeadDescription(outputs: 1, architecture: "BertForMultipleChoice")), rows: choices),
      ]
    }()

    /// Questions of 1 to 3 windows, some without an answer.
    private static func questions(
      _ sequence: (_ row: Int, _ part: Int) -> (ids: [Int32], typeIDs: [Int32])
    ) -> SequenceRows {
      SequenceRows(
        (0..<22).map { row in
          let windows = (0..<1 + row % 3).map { sequence(row, $0) }
          var (places, borders, codes, text): ([Range<Int>], [Range<Int>], [Float], String) = ([], [], [], "")
          for (index, window) in windows.enumerated() {
            borders.append(places.count..<places.count + window.ids.count)
            places += window.typeIDs.enumerated().map { token, type in
              guard type == 1 else { return 0..<0 }
              text += "w\(window.ids[token] % 7) "
              return text.count - 3..<text.count - 1
            }
            var own = window.ids.map { _ in Float(0) }
            let hasAnswer = index == 0 && row % 4 != 0
            own[hasAnswer ? window.typeIDs.firstIndex(of: 1) ?? 0 : 0] += 1
            own[hasAnswer ? window.ids.count - 1 : 0] += 2
            codes += own
          }
          let label = row % 4 == 0 ? "[]" : "[{\"text\": \"w1 w2\"}, {\"text\": \"\(text.prefix(5))\"}]"
          let words = RowWords(
            text: text, places: places, areRead: places.map { _ in true }, windows: borders, label: label)
          return SequenceRows.Row(asked: words, windows, codes: codes)
        })
    }

    func parts(microbatches: Int, techniques: String) throws -> TrainingParts {
      var parts = try TinyBert.parts(
        microbatch: 4, multiSampleDropout: techniques.contains("multi") ? [0.1, 0.3] : nil)
      guard let tiny = parts.model as? TextClassifier else { preconditionFailure("a tiny BERT is a text classifier") }
      let givesVectors = type(of: task).givesVectors
      var head = tiny.family.design(of: task) ?? tiny.design
      if head.decoder == nil { head.dropouts = tiny.design.dropouts }
      head.hasTransitions = task.head.settings["crf"] != nil
      let model = TextClassifier(tiny.family, labels: task.outputs, head: head)
      let state = ModelState(model, seed: 5)
      var own = TrainingParts(
        model: model, state: state, dataset: rows, task: task,
        plan: try BatchPlan(rowCount: rows.rowCount, batchSize: 20, microbatchSize: 20 / microbatches, seed: 7),
        optimizer: SGD(layout: state.layout, momentum: 0), learningRate: { _ in 0.05 })
      own.validation = rows
      parts = own
      if givesVectors, techniques.isEmpty { try parts.install(nil, totalSteps: 4) }
      if !techniques.isEmpty { try parts.install(techniques, totalSteps: 4, dropoutSamples: 2) }
      return parts
    }

    struct Outcome: Equatable, Sendable {
      var losses: [Double] = []
      var weights: [Float] = []
      var validation: [Double] = []
    }

    /// - Parameter advance: a step; the trainer's own by default.
    func train(
      ranks: Int, microbatches: Int, techniques: String,
      advance: @escaping @Sendable (Trainer) throws -> StepReport = { try $0.advance() }
    ) throws -> Outcome {
      try Ranks.run(ranks) { group in
        let parts = try parts(microbatches: microbatches, techniques: techniques)
        var settings = TrainingSettings(seed: 7, totalSteps: 4)
        settings.evaluationBatch = 3
        if !measures.isEmpty { settings.measures = (task.usualMeasures + measures).compactMap(task.measures.named) }
        let trainer = Trainer(parts: parts, settings: settings, replicas: DataParallelGroup(group, reduction: .ordered))
        var outcome = Outcome()
        outcome.losses = try (0..<4).map { _ in try advance(trainer).loss }
        outcome.weights = Array(parts.state.weights.values)
        if let report = try trainer.evaluate() { outcome.validation = [report.loss] + report.metrics.map(\.value) }
        return outcome
      }[0]
    }

    /// Expects the losses and weights of a run in one microbatch of every other cut; returns that run.
    @discardableResult
    func expectSameAtEveryCut(_ techniques: String) throws -> Outcome {
      let whole = try train(ranks: 1, microbatches: 1, techniques: techniques)
      #expect(whole.losses.allSatisfy(\.isFinite) && whole.validation.allSatisfy(\.isFinite), "\(whole.validation)")
      for (ranks, microbatches) in [(1, 4), (2, 2), (4, 1), (3, 5)] {
        let run = try train(ranks: ranks, microbatches: microbatches, techniques: techniques)
        let place = "\(ranks) ranks, \(microbatches) microbatches"
        #expect(zip(run.losses, whole.losses).allSatisfy { abs($0 - $1) < 1e-5 * max(1, abs($1)) }, "\(place)")
        let difference = zip(run.weights, whole.weights).map { abs($0 - $1) }.max() ?? .infinity
        #expect(difference < 2e-5, "\(place): \(difference)")
      }
      return whole
    }

    /// Expects the bits of a run on one rank of every other number of ranks.
    func expectSameBits(_ techniques: String) throws {
      let one = try train(ranks: 1, microbatches: 5, techniques: techniques)
      for ranks in 2...4 {
        #expect(try train(ranks: ranks, microbatches: 5, techniques: techniques) == one, "\(ranks) ranks")
      }
    }
  }

  static let techniques = [
    "", "r_drop: {alpha: 1}", "self_distillation: {decay: 0.9}", "fgm: {epsilon: 0.5}",
    "pgd: {epsilon: 0.4, steps: 2, scope: example}",
    "awp: {epsilon: 0.02, start_epoch: 0}", "{multi_sample_dropout: {average: logits}, ema: {decay: 0.9}}",
    "{r_drop: {}, self_distillation: {last: 2}, fgm: {}, swa: {start: 1}}",
  ]

  @Test(
    "Losses and weights are the same however a batch is cut, and measures are exact", arguments: Case.all, techniques)
  func layouts(task: Case, techniques: String) throws {
    try task.expectSameAtEveryCut(techniques)
  }

  @Test("Ordered sums give the same bits on any number of ranks, of measures too", arguments: Case.all, techniques)
  func bits(task: Case, techniques: String) throws {
    try task.expectSameBits(techniques)
  }

  static let everyCase = Case.all + [SimilarityInvarianceTests.cosine] + SimilarityInvarianceTests.wholeBatch

  @Test("A step that a user writes is the trainer's own, bit for bit", arguments: everyCase)
  func ownStep(task: Case) throws {
    let usual = try task.train(ranks: 2, microbatches: 4, techniques: "")
    let own = try task.train(ranks: 2, microbatches: 4, techniques: "") { trainer in
      try trainer.advance { batch in
        try batch.backward(batch.forward())
        try batch.step()
        try batch.zeroGradients()
      }
    }
    #expect(own == usual)
  }
}
