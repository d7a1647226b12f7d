import Layers
import Techniques
import Tensors
import TestSupport
import Testing
import Training

/// What adversaries may and may not do to the model.
@Suite struct AdversaryTests {
  private struct Stop: Error {}

  /// An attack whose passes are `evaluate`.
  private func attack(
    _ parts: TrainingParts, gradient: Float, normalizer: Double = 1, evaluate: @escaping (Arena) throws -> Void
  ) -> Attack {
    let gradients = Arena(layout: parts.state.layout)
    for slice in parts.state.layout.slices { gradients[slice.name]!.update(repeating: gradient) }
    return Attack(
      state: parts.state, gradients: gradients, normalizer: normalizer,
      context: StepContext(step: 0, epoch: 1, labels: []), evaluate: evaluate,
      scratch: Arena(layout: parts.state.layout), probe: nil)
  }

  private static let recipes = [
    "fgm: {}", "pgd: {}", "freelb: {}", "awp: {steps: 2}", "awp: {mode: add, vectors: true}",
  ]

  private func parts(_ recipe: String) throws -> (TrainingParts, any Adversary) {
    var parts = try TinyBert.parts(microbatch: 8)
    try parts.install(recipe, totalSteps: 6)
    return (parts, try #require(parts.adversary))
  }

  @Test("the weights keep every bit and every address, also when a pass throws", arguments: recipes, [false, true])
  func restoration(recipe: String, throwing: Bool) throws {
    let (parts, adversary) = try parts(recipe)
    let before = Array(parts.state.weights.values)
    let addresses = parts.state.parameters.map(\.pointer)
    var displaced = false
    let attack = attack(parts, gradient: 0.5) { _ in
      #expect(Array(parts.state.weights.values) == before)
      displaced = displaced || parts.state.parameters.map(\.pointer) != addresses
      if throwing { throw Stop() }
    }
    if throwing {
      #expect(throws: Stop.self) { try adversary.apply(attack) }
    } else {
      try adversary.apply(attack)
    }
    #expect(displaced)
    #expect(Array(parts.state.weights.values) == before)
    #expect(parts.state.parameters.map(\.pointer) == addresses)
  }

  @Test(
    "a gradient of zero, infinity or nan is no direction: no pass, and the gradient stays", arguments: recipes,
    [Float(0), .infinity, .nan])
  func noDirection(recipe: String, gradient: Float) throws {
    let (parts, adversary) = try parts(recipe)
    let attack = attack(parts, gradient: gradient) { _ in Issue.record("a pass ran") }
    let before = attack.gradients.values.map(\.bitPattern)
    try adversary.apply(attack)
    #expect(attack.gradients.values.map(\.bitPattern) == before)
  }

  @Test("a teacher's forward within an attack sees the teacher, and the backward pass the displaced weights")
  func teacherWithin() throws {
    let (parts, adversary) = try parts("fgm: {}")
    let other = Arena(layout: parts.state.layout)
    let word = try #require(parts.state.parameters.first { $0.name.contains("word_embeddings") })
    let own = word.pointer
    let attack = attack(parts, gradient: 0.5) { _ in
      let displaced = word.pointer
      parts.state.withWeights(other) { #expect(word.pointer != displaced && word.pointer != own) }
      #expect(word.pointer == displaced && displaced != own)
    }
    try adversary.apply(attack)
    #expect(word.pointer == own)
  }

  @Test("FGM moves by epsilon along the gradient; PGD and FreeLB stay in their ball")
  func distances() throws {
    for (recipe, distance) in [
      ("fgm: {epsilon: 0.7}", 0.7), ("pgd: {epsilon: 0.5, alpha: 0.4, steps: 3}", 0.5),
      ("freelb: {epsilon: 0.5, alpha: 0.4, steps: 4}", 0.5),
    ] {
      let (parts, adversary) = try parts(recipe)
      let word = try #require(parts.state.parameters.first { $0.name.contains("word_embeddings") })
      let original = Array(word.values)
      var moved = 0.0
      let attack = attack(parts, gradient: 0.25) { gradients in
        moved = Displacement.norm(zip(word.values, original).map { $0 - $1 })
        gradients.values.update(repeating: 0.25)
      }
      try adversary.apply(attack)
      #expect(abs(moved - distance) < 1e-5)
    }
  }

  @Test("a sign step moves every element by epsilon, and repeated ones stay in their cube")
  func signDistances() throws {
    for (recipe, distance) in [
      ("fgm: {norm: max, epsilon: 0.02}", Float(0.02)),
      ("pgd: {norm: max, epsilon: 0.05, alpha: 0.02, steps: 4}", 0.05),
      ("freelb: {norm: max, epsilon: 0.05, alpha: 0.02, steps: 5}", 0.05),
    ] {
      let (parts, adversary) = try parts(recipe)
      let word = try #require(parts.state.parameters.first { $0.name.contains("word_embeddings") })
      let original = Array(word.values)
      var moves: [Float] = []
      let attack = attack(parts, gradient: 0.25) { gradients in
        moves = zip(word.values, original).map { $0 - $1 }
        gradients.values.update(repeating: 0.25)
      }
      // An element without a gradient stays where it is, and one with a negative gradient goes down.
      let slope = try #require(attack.gradients[word.name])
      (slope[0], slope[1]) = (0, -1e-20)
      try adversary.apply(attack)
      if recipe.hasPrefix("fgm") { #expect(moves[0] == 0 && abs(moves[1] + distance) < 1e-7, "\(moves.prefix(2))") }
      #expect(moves.dropFirst(2).allSatisfy { abs($0 - distance) < 1e-6 }, "\(recipe)")
    }
  }

  @Test("AWP keeps every weight within epsilon of itself, relatively, and leaves vectors alone")
  func clamp() throws {
    let (parts, adversary) = try parts("awp: {epsilon: 0.1, steps: 3}")
    let before = parts.state.parameters.map { Array($0.values) }
    var farthest: Float = 0
    let attack = attack(parts, gradient: 0.25) { gradients in
      gradients.values.update(repeating: 0.25)
      for (parameter, original) in zip(parts.state.parameters, before) {
        let isVector = parameter.shape.rank == 1
        for (value, original) in zip(parameter.values, original) {
          if isVector { #expect(value == original) }
          #expect(abs(value - original) <= 0.1 * abs(original) * 1.0001)
          farthest = max(farthest, abs(value - original) / max(abs(original), 1e-9))
        }
      }
    }
    try adversary.apply(attack)
    #expect(farthest > 0.099)
  }

  /// A probe of three examples, of which the second one's gradient is zero and the third's a hundred times the first's.
  private func attackOnExamples() throws -> (Attack, EmbeddingProbe) {
    let probe = EmbeddingProbe(offsets: [0, 3, 5, 9])
    let parts = try TinyBert.parts(microbatch: 8)
    let pass = Pass(
      engine: Engine(), mode: .evaluation, tape: Tape(), randomness: Pass.Randomness(seed: 0, step: 0, pass: 0),
      rows: [0, 1, 2], probe: probe)
    let input = pass.tensor([9, 16])
    input.values.update(repeating: 1)
    let output = pass.probed(input)
    #expect(output.values.allSatisfy { $0 == 1 })
    let slot = output.gradientSlot()
    for index in 0..<output.count { slot.pointer[index] = index < 48 ? 0.01 : index < 80 ? 0 : -1 }
    try #require(pass.tape).backward()
    let attack = Attack(
      state: parts.state, gradients: Arena(layout: parts.state.layout), normalizer: 1,
      context: StepContext(step: 0, epoch: 0, labels: []), evaluate: { _ in },
      scratch: Arena(layout: parts.state.layout),
      probe: probe)
    return (attack, probe)
  }

  @Test("in scope example every example moves by epsilon, whatever the others do")
  func exampleScope() throws {
    let adversaries: [any Adversary] = [
      FGM(epsilon: 0.5, targets: [], scope: .example),
      FreeLB(epsilon: 0.5, alpha: 0.8, steps: 2, targets: [], scope: .example),
    ]
    for adversary in adversaries {
      let (attack, probe) = try attackOnExamples()
      try adversary.apply(attack)
      let lengths = probe.examples.map { Displacement.norm(Array(probe.offset[$0])) }
      #expect(zip(lengths, [0.5, 0, 0.5]).allSatisfy { abs($0 - $1) < 1e-6 })
    }
  }

  @Test("in scope example a sign step moves each element by epsilon where its example has a gradient")
  func exampleSigns() throws {
    let (attack, probe) = try attackOnExamples()
    try FGM(epsilon: 0.5, norm: .largest, targets: [], scope: .example).apply(attack)
    let moves = probe.examples.map { Set(probe.offset[$0]) }
    #expect(moves == [[0.5], [0], [-0.5]])
  }
}

extension Displacement {
  fileprivate static func norm(_ values: [Float]) -> Double { values.withUnsafeBufferPointer { norm($0) } }
}
