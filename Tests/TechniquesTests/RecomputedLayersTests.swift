import Collectives
import DataParallel
import Models
import Recipes
import Tensors
import TestSupport
import Testing
import Training

/// Layers that the backward pass computes again give the same bits as layers that were kept.
@Suite struct RecomputedLayersTests {
  /// Techniques with passes of their own: none, several forwards on one tape, adversaries of each scope.
  private static let techniques = [
    "{}", "{r_drop: {alpha: 1}}", "{fgm: {epsilon: 0.5}}", "{fgm: {epsilon: 0.5, scope: example}}",
    "{r_drop: {}, self_distillation: {decay: 0.9}, pgd: {epsilon: 0.4, alpha: 0.3, steps: 2, scope: example}}",
    "{awp: {epsilon: 0.02, start_epoch: 0}}",
  ]

  private static let families = EncoderFamilies.all.map { $0.modelTypes[0] }

  private static func parts(_ type: String, _ techniques: String = "{}") throws -> TrainingParts {
    let family = try #require(EncoderFamilies.family(of: type))
    var parts = try TinyEncoder.parts(of: TinyEncoder.member(of: family), microbatch: 4)
    try parts.install(techniques, totalSteps: 3)
    return parts
  }

  /// The losses and weights of three steps, as bits.
  private static func bits(
    recomputes: Bool, _ precision: Precision = .fp32, threads: Int = 1,
    replicas: DataParallelGroup = DataParallelGroup(SoloGroup()),
    _ parts: TrainingParts
  ) throws -> [UInt64] {
    var settings = TrainingSettings(seed: 3, totalSteps: 3)
    (settings.precision, settings.recomputesLayers, settings.threads) = (precision, recomputes, threads)
    let trainer = Trainer(parts: parts, settings: settings, replicas: replicas)
    let losses = try (0..<3).map { _ in try trainer.advance().loss.bitPattern }
    return losses + parts.state.weights.values.map { UInt64($0.bitPattern) }
  }

  private static func expectSame(
    _ precision: Precision = .fp32, threads: Int = 1, _ parts: () throws -> TrainingParts
  ) throws {
    let kept = try bits(recomputes: false, precision, threads: threads, parts())
    #expect(try bits(recomputes: true, precision, threads: threads, parts()) == kept)
  }

  @Test("in every family, with dropout and techniques of several passes", arguments: families, techniques)
  func severalPasses(type: String, techniques: String) throws {
    try Self.expectSame { try Self.parts(type, techniques) }
  }

  @Test("in every family, where products are rounded, on two threads", arguments: families, [Precision.bf16, .fp16])
  func rounded(type: String, precision: Precision) throws {
    try Self.expectSame(precision, threads: 2) { try Self.parts(type, "{r_drop: {}}") }
  }

  @Test("in every family, where its embeddings, its first layers or all of it are frozen", arguments: families)
  func frozen(type: String) throws {
    let prefix = try #require(EncoderFamilies.family(of: type)).prefix
    let names = try Self.parts(type).state.layout.slices.map(\.name).filter { $0.hasPrefix(prefix + ".") }
    let half = Array(names.prefix(names.count / 2))
    for paths in [[prefix + ".embeddings"], half, names] {
      try Self.expectSame {
        var parts = try Self.parts(type, "{fgm: {epsilon: 0.5, scope: example}}")
        #expect(parts.state.freeze(paths) == [])
        parts.frozenPaths = { _ in paths }
        return parts
      }
    }
  }

  @Test(
    "where a head reads all tokens, or several layers", arguments: [HeadDesign.Pooling.mean, .attention, .lastFour])
  func poolings(pooling: HeadDesign.Pooling) throws {
    for type in ["bert", "albert", "deberta-v2"] {
      let kind = try #require(EncoderFamilies.family(of: type))
      let family = try TinyEncoder.member(of: kind, others: [kind.keys.layers: 5])
      let head = try family.head(HeadChoice(pooling: pooling))
      try Self.expectSame { try TinyEncoder.parts(of: family, head: head, microbatch: 4) }
    }
  }

  @Test(
    "of rows of several sequences, and of losses of a whole batch",
    arguments: TaskInvarianceTests.Case.all + SimilarityInvarianceTests.wholeBatch)
  func tasks(task: TaskInvarianceTests.Case) throws {
    try Self.expectSame { try task.parts(microbatches: 2, techniques: "fgm: {epsilon: 0.5}") }
  }

  @Test("where two ranks sum gradients beside the backward pass", arguments: families)
  func ranks(type: String) throws {
    func everyone(recomputes: Bool) throws -> [[UInt64]] {
      try Ranks.run(2) { group in
        let replicas = DataParallelGroup(
          group, reduction: Recipe.Reduction(.ring, overlap: true), minimumTableRows: 1000, longestBucket: 256)
        return try Self.bits(recomputes: recomputes, replicas: replicas, Self.parts(type))
      }
    }
    let kept = try everyone(recomputes: false)
    #expect(kept[0] == kept[1])
    #expect(try everyone(recomputes: true) == kept)
  }
}
