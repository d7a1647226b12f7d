import Foundation
import Layers
import Models
import Tensors
import TestSupport
import Testing

/// Encoders of every family, forward, backward and trained, as transformers computes them in Float64.
///
/// Scenarios are the folders of `families/encoders`; those whose `model_type` is not computed here are left out.
@Suite struct EncoderFamilyGoldenTests {
  static let scenarios: [String] = {
    let folder = Golden.path("families/encoders")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().filter { name in
      guard
        let data = FileManager.default.contents(atPath: "\(folder)/\(name)/model/config.json"),
        let json = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
      else { return false }
      return EncoderFamilies.family(of: json["model_type"] as? String) != nil
    }
  }()

  private static func pass(_ rows: [Int32], tape: Tape?) -> Pass {
    Pass(
      engine: Engine(), mode: .training, tape: tape, randomness: Pass.Randomness(seed: 0, step: 0, pass: 0), rows: rows)
  }

  private static func distance(_ values: [Float], _ expected: [Float]) -> Float {
    guard values.count == expected.count else { return .infinity }
    return zip(values, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  @Test("There are scenarios to compare with")
  func scenariosAreThere() { #expect(!Self.scenarios.isEmpty) }

  @Test("Logits and hidden states are those of transformers", arguments: scenarios)
  func forward(scenario: String) throws {
    let (model, _, microbatch) = try GoldenFamily.classifier("encoders/" + scenario)
    let outputs = try Golden.tensors("families/encoders/" + scenario, "outputs")
    let logits = try outputs.floats("logits")
    let scores = model(microbatch, Self.pass(microbatch.rows, tape: nil))[0]
    #expect(Self.distance(Array(scores.values), logits) < 1e-5 * max(1, logits.map(abs).max() ?? 0))
    guard case .tokens(let batch) = microbatch.input else { return }
    let states = model.encoder.hiddenStates(batch, Self.pass(microbatch.rows, tape: nil))
    #expect(states.count == model.encoder.depth + 1)
    for (index, state) in states.enumerated() {
      let expected = try outputs.floats("hidden.\(index)")
      let tolerance = 1e-5 * max(1, expected.map(abs).max() ?? 0)
      #expect(Self.distance(Array(state.values), expected) < tolerance, "hidden state \(index)")
    }
  }

  @Test("The gradient of every parameter is PyTorch's", arguments: scenarios)
  func backward(scenario: String) throws {
    let (model, state, microbatch) = try GoldenFamily.classifier("encoders/" + scenario)
    let gradients = Arena(layout: state.layout)
    let tape = Tape()
    let pass = Self.pass(microbatch.rows, tape: tape)
    state.beginGradients(in: gradients)
    let losses = pass.crossEntropy(model(microbatch, pass)[0], labels: microbatch.labels)
    losses.seedGradient(1 / Float(microbatch.labels.count))
    tape.backward()
    state.endGradients()
    let zeros = try Golden.facts("families/encoders/" + scenario)["zero_gradients"] as? [String] ?? []
    let expected = try Golden.tensors("families/encoders/" + scenario, "gradients")
    for slice in state.layout.slices {
      let reference = try expected.floats(slice.name)
      let tolerance = zeros.contains(slice.name) ? 1e-6 : 1e-4 * (reference.map(abs).max() ?? 0)
      #expect(Self.distance(Array(gradients[slice.name]!), reference) <= tolerance, "\(slice.name)")
    }
  }

  @Test("Five steps of AdamW give PyTorch's losses and weights", arguments: scenarios)
  func steps(scenario: String) throws {
    let run = try GoldenFamily("encoders/" + scenario) { _ in }
    let errors = run.reportErrors
    #expect(errors.losses < 1e-5 && errors.norms < 1e-4, "\(errors)")
    guard FileManager.default.fileExists(atPath: Golden.path(run.scenario, "final.safetensors")) else { return }
    let wrong = try run.wrongTensors(
      run.parts.state.weights, file: "final", tolerance: 2e-5, own: "final_tolerances", except: "final_excludes")
    #expect(wrong.isEmpty, "\(wrong)")
  }
}
