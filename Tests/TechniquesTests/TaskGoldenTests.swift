import Checkpoints
import Foundation
import Layers
import Models
import Tasks
import Techniques
import Tensors
import TestSupport
import Testing
import Training

/// Regression, multi-label and multiple choice as transformers and PyTorch compute them in Float64.
///
/// Scenarios are the folders of `families/tasks` whose task is one of these.
@Suite struct TaskGoldenTests {
  struct Scenario: CustomStringConvertible, Sendable {
    let name: String
    /// Of a folder with several losses the loss, else nil.
    let kind: String?
    var description: String { name + (kind.map { " \($0)" } ?? "") }
    var folder: String { "tasks/" + name }

    var facts: [String: Any] { (try? Golden.facts("families/" + folder)) ?? [:] }

    /// The losses of the five steps.
    var losses: [Double] { (numbers["losses"] as? [Double]) ?? [] }

    /// The facts of the loss.
    var numbers: [String: Any] { kind.flatMap { (facts["kinds"] as? [String: [String: Any]])?[$0] } ?? facts }

    /// The task, from the words of the scenario.
    var task: (any LearningTask)? {
      get throws {
        let weights = try SafetensorsFile(Golden.path("families/" + folder, "model/model.safetensors"))
        let outputs = weights["classifier.bias"]?.count ?? 1
        switch facts["task"] as? String {
        case "regression":
          var settings: [String: Any] = ["loss": kind ?? "mse"]
          let words = (numbers["loss"] as? String ?? "").split { " :,".contains($0) }
          if let place = words.firstIndex(where: { $0 == "delta" || $0 == "beta" }),
            kind == "huber" || kind == "smooth_l1"
          {
            settings["delta"] = Double(words[place + 1])
          }
          return try Regression(HeadDescription(outputs: outputs, problemType: "regression", settings: settings))
        case "multi-label":
          var settings: [String: Any] = [:]
          settings["pos_weight"] = facts["pos_weight"]
          return try MultiLabel(
            HeadDescription(outputs: outputs, problemType: "multi_label_classification", settings: settings))
        case "multiple choice":
          return try MultipleChoice(HeadDescription(outputs: 1, architecture: "BertForMultipleChoice"))
        default: return nil
        }
      }
    }

    static let all: [Scenario] = {
      let folder = Golden.path("families/tasks")
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      return names.sorted().flatMap { name -> [Scenario] in
        let plain = Scenario(name: name, kind: nil)
        guard (try? plain.task) != nil else { return [] }
        let kinds = (plain.facts["kinds"] as? [String: Any])?.keys.sorted()
        return kinds?.map { Scenario(name: name, kind: $0) } ?? [plain]
      }
    }()
  }

  @Test("There are scenarios of each task")
  func scenariosAreThere() {
    let found = Set(Scenario.all.compactMap { $0.facts["task"] as? String })
    #expect(found == ["regression", "multi-label", "multiple choice"])
  }

  @Test("Scores are those of transformers", arguments: Scenario.all)
  func forward(scenario: Scenario) throws {
    let (model, _, microbatch) = try GoldenFamily.classifier(scenario.folder, task: scenario.task)
    #expect(try GoldenFamily.scoreError(model, microbatch, scenario.folder) < 1e-5)
  }

  @Test("Losses of the first batch and their gradients are PyTorch's", arguments: Scenario.all)
  func backward(scenario: Scenario) throws {
    guard let task = try scenario.task else { return }
    let (mean, gradients) = try GoldenFamily.backward(scenario.folder, task: task)
    let wanted = try #require(scenario.losses.first)
    #expect(abs(mean - wanted) < 1e-5 * abs(wanted))
    let name = scenario.kind.map { $0 + ".gradients" } ?? "gradients"
    guard FileManager.default.fileExists(atPath: Golden.path("families/" + scenario.folder, name + ".safetensors"))
    else {
      return
    }
    let wrong = try GoldenFamily.wrongGradients(
      gradients, scenario.folder, file: name, zeros: scenario.numbers["zero_gradients"] as? [String] ?? [])
    #expect(wrong.isEmpty, "\(wrong)")
  }

  @Test("Five steps of AdamW give PyTorch's losses and weights, however a batch is cut", arguments: Scenario.all)
  func steps(scenario: Scenario) throws {
    for microbatch in [nil, 1, 2] as [Int?] {
      let run = try GoldenFamily(
        scenario.folder, task: scenario.task,
        microbatch: { rows in microbatch.map { rows % $0 == 0 ? $0 : rows } ?? rows }, configure: { _ in })
      let losses = zip(run.reports.map(\.loss), scenario.losses).map { abs($0 - $1) / abs($1) }
      #expect(losses.count == 5 && losses.allSatisfy { $0 < 1e-5 }, "\(losses)")
      let norms = scenario.numbers["gradient_norms_before_clip"] as? [Double] ?? []
      #expect(zip(run.reports.map(\.gradientNorm), norms).allSatisfy { abs($0 - $1) < 1e-4 * abs($1) })
      let name = scenario.kind.map { $0 + ".final" } ?? "final"
      guard FileManager.default.fileExists(atPath: Golden.path(run.scenario, name + ".safetensors")) else { continue }
      let wrong = try run.wrongTensors(
        run.parts.state.weights, file: name, tolerance: 2e-5, facts: scenario.numbers, own: "final_tolerances",
        except: "final_excludes")
      #expect(wrong.isEmpty, "\(wrong)")
    }
  }

  @Test("R-Drop of a regression is the squared distance of two predictions, with gradient to both")
  func rDrop() throws {
    let facts = try Golden.facts("families/techniques/r-drop")
    let cases = try #require(facts["cases"] as? [String: Any]).compactMapValues { $0 as? [String: Any] }
    let tensors = try Golden.tensors("families/techniques/r-drop", "cases")
    for (name, numbers) in cases where name.hasPrefix("regression") {
      let shape = try #require(tensors[name + ".targets"]?.shape)
      let targets = try tensors.floats(name + ".targets")
      let task = try Regression(HeadDescription(outputs: shape[1], problemType: "regression"))
      let batch = SequenceRows(
        (0..<shape[0]).map {
          SequenceRows.Row([([1], [0])], targets: Array(targets[$0 * shape[1]..<($0 + 1) * shape[1]]))
        }
      ).microbatch(rows: Array(0..<shape[0]), positions: 0..<shape[0])
      let tape = Tape()
      let pass = Pass(
        engine: Engine(), mode: .training, tape: tape, randomness: Pass.Randomness(seed: 0, step: 0, pass: 0),
        rows: batch.rows)
      let sides = try ["output1", "output2"].map { side in
        let tensor = pass.tensor(Shape(shape), needsGradient: true)
        _ = tensor.values.update(fromContentsOf: try tensors.floats("\(name).\(side)"))
        return tensor
      }
      let alpha = Float(try #require(numbers["alpha"] as? Double))
      var loss = 0.0
      func add(_ losses: RowLosses, _ factor: Float) {
        losses.losses.seedGradient(factor / Float(targets.count), weights: losses.weights ?? [])
        loss += Double(factor) * losses.losses.values.reduce(0.0) { $0 + Double($1) } / Double(targets.count)
      }
      for side in sides { add(task.losses(side, batch, pass), 0.5) }
      add(task.divergence(sides[0], sides[1], batch, pass), alpha)
      tape.backward()
      let wanted = try #require(numbers["loss"] as? Double)
      #expect(abs(loss - wanted) < 1e-5 * abs(wanted), "\(name)")
      for (side, key) in zip(sides, ["grad1", "grad2"]) {
        let expected = try tensors.floats("\(name).\(key)")
        let slot = side.gradientSlot().pointer
        let error = expected.indices.map { abs(slot[$0] - expected[$0]) }.max() ?? .infinity
        #expect(error < 1e-4 * (expected.map(abs).max() ?? 0), "\(name).\(key)")
      }
    }
  }
}
