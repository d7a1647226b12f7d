import Collectives
import DataParallel
import Layers
import Models
import TestSupport
import Testing
import Training

/// Adversaries against encoders of every family.
@Suite struct FamilyAdversaryTests {
  static let families = EncoderFamilies.all.map { $0.modelTypes[0] }

  private static func weights(_ type: String, techniques: String? = nil) throws -> [Float] {
    let family = try #require(EncoderFamilies.family(of: type))
    var parts = try TinyEncoder.parts(of: TinyEncoder.member(of: family, dropout: 0), microbatch: 4)
    if let techniques { try parts.install(techniques, totalSteps: 6) }
    let trainer = Trainer(
      parts: parts, settings: TrainingSettings(seed: 3, totalSteps: 1),
      replicas: DataParallelGroup(SoloGroup(), reduction: .ordered))
    _ = try trainer.advance()
    return Array(parts.state.weights.values)
  }

  @Test("FGM moves a family's table of words and, in scope example, its embedded tokens", arguments: families)
  func attacks(type: String) throws {
    let clean = try Self.weights(type)
    let table = try Self.weights(type, techniques: "fgm: {epsilon: 0.5}")
    let examples = try Self.weights(type, techniques: "fgm: {epsilon: 0.5, scope: example}")
    #expect(table != clean && examples != clean && table != examples)
  }
}
