import Checkpoints
import Data
import Foundation
import Layers
import Models
import Tensors
import TestSupport
import Testing

/// A case of the scenario.
struct WeightFileCase: CustomTestStringConvertible, Sendable {
  let name: String
  let expectation: String
  let values: String?
  let numbers: [String: [Double]]?
  let logits: [[Double]]?
  let missing: [String]
  let ignored: [String]
  let words: [String]
  let mustNotExist: String?

  var testDescription: String { name }
  let folder: String
  var mayLoad: Bool { expectation.contains("load") }
  var mayRefuse: Bool { expectation.contains("refuse") }

  init(_ json: [String: Any], of scenario: String) {
    func list(_ key: String) -> [String] { json[key] as? [String] ?? [] }
    name = json["name"] as? String ?? ""
    folder = Golden.path(scenario, name)
    expectation = json["expect"] as? String ?? ""
    values = json["values"] as? String
    numbers = json["values"] as? [String: [Double]]
    logits = json["logits"] as? [[Double]]
    (missing, ignored, words) = (list("missing"), list("ignored"), list("names"))
    mustNotExist = json["must_not_exist"] as? String
  }

  static func all(of scenario: String) -> [WeightFileCase] {
    let cases = (try? Golden.facts(scenario))?["cases"] as? [[String: Any]] ?? []
    return cases.map { WeightFileCase($0, of: scenario) }
  }
}

/// Files of weights as PyTorch, transformers and safetensors write them, and files that are damaged or made to do harm.
@Suite struct WeightFileGoldenTests {
  static let scenario: String = "families/weights"

  static let cases: [WeightFileCase] = WeightFileCase.all(of: scenario)

  @Test("the scenario has its cases")
  func caseCount() {
    #expect(Self.cases.count { $0.name.hasPrefix("good/") } >= 29)
    #expect(Self.cases.count { $0.name.hasPrefix("hostile/") } >= 109)
  }

  @Test(
    "a sound file gives the tensors bit for bit, and the classifier its logits",
    arguments: WeightFileGoldenTests.cases.filter { $0.name.hasPrefix("good/") })
  func good(_ golden: WeightFileCase) throws {
    let state: ModelState
    let model: TextClassifier
    let report: PretrainedDirectory.Report
    do {
      let directory = try PretrainedDirectory(path: golden.folder)
      model = TextClassifier(directory.family, labels: 3)
      state = ModelState(model, seed: 5)
      report = try directory.load(into: state)
    } catch {
      #expect(golden.mayRefuse, "\(error)")
      return
    }
    #expect(report.missing.sorted() == golden.missing.sorted())
    #expect((report.unexpected + report.buffers).sorted() == golden.ignored.sorted())
    let reference = try Golden.tensors(Self.scenario, "reference")
    for (index, name) in reference.names.sorted().enumerated() where !golden.missing.contains(name) {
      let expected = try reference.floats(name).map { try Self.rounded($0, golden.values ?? "", index) }
      let values = Array(try #require(state.weights[name]))
      let isSame = values.map(\.bitPattern) == expected.map(\.bitPattern)
      #expect(isSame, "\(name)")
    }
    if let logits = golden.logits {
      let found = try Self.logits(of: model)
      let scale = logits.joined().map(abs).max() ?? 1
      let worst = zip(found, logits.joined()).map { abs(Double($0) - $1) }.max() ?? .infinity
      #expect(worst / scale < 1e-5)
    }
  }

  @Test(
    "a damaged or dangerous file is refused at once, with what is wrong and without doing any of it",
    arguments: WeightFileGoldenTests.cases.filter { $0.name.hasPrefix("hostile/") })
  func hostile(_ golden: WeightFileCase) throws {
    let start = ContinuousClock.now
    let memory = Self.memory
    do {
      let weights = try PretrainedWeights.open(directory: golden.folder)
      var read: [String: [Float]] = [:]
      for entry in weights.entries { read[entry.name] = try weights.floats(entry.name) }
      // The shapes are a matter of the model.
      if golden.name.hasSuffix("shape-mismatch") {
        let directory = try PretrainedDirectory(path: golden.folder)
        _ = try directory.load(into: ModelState(TextClassifier(directory.family, labels: 3), seed: 5))
      }
      #expect(golden.mayLoad, "loads")
      for (name, numbers) in golden.numbers ?? [:] { #expect(read[name]?.map(Double.init) == numbers, "\(name)") }
    } catch {
      #expect(golden.mayRefuse, "\(error)")
      #expect(error is ModelError || error is SafetensorsError, "\(error)")
      for word in golden.words { #expect("\(error)".contains(word), "\(error)") }
      #expect(!"\(error)".contains("\n") && "\(error)".contains("; ") && "\(error)".utf8.count < 1200, "\(error)")
    }
    #expect(ContinuousClock.now - start < .seconds(1))
    #expect(Self.memory - memory < 64 << 20)
    if let path = golden.mustNotExist { #expect(!FileManager.default.fileExists(atPath: path)) }
  }

  /// A value of the reference as a file of the case has it.
  private static func rounded(_ value: Float, _ rule: String, _ index: Int) throws -> Float {
    let types = rule.hasPrefix("tensor i") ? ["f16", "f32", "f64", "bf16"][index % 4] : rule
    if types.contains("bf16") {
      let bits = value.bitPattern
      return Float(bitPattern: (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF_0000)
    }
    if types.contains("f16") { return Float(Float16(value)) }
    guard rule.hasPrefix("equal") || rule.hasPrefix("tensor i") else {
      throw GoldenError(scenario: scenario, problem: "unknown values: \(rule)")
    }
    return value
  }

  /// The scores of the scenario's rows.
  private static func logits(of model: TextClassifier) throws -> [Float] {
    let inputs = try Golden.tensors(scenario, "inputs")
    let starts = try inputs.integers("row_starts").map { Int32($0) }
    let positions = zip(starts, starts.dropFirst()).flatMap { Array(0..<$1 - $0) }
    let rows = (0..<starts.count - 1).map { Int32($0) }
    let batch = TokenBatch(
      ids: try inputs.integers("packed_ids").map { Int32($0) },
      typeIDs: try inputs.integers("packed_token_type_ids").map { Int32($0) }, positions: positions, offsets: starts)
    let microbatch = Microbatch(
      input: .tokens(batch), labels: rows.map { _ in 0 }, rows: rows, sampleIDs: Array(rows.indices))
    let pass = Pass(
      engine: Engine(), mode: .evaluation, tape: nil, randomness: Pass.Randomness(seed: 0, step: 0, pass: 0),
      rows: rows)
    return Array(model(microbatch, pass)[0].values)
  }

  /// The most memory that this process has had, in bytes.
  private static var memory: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss << 10
  }
}
