import Assembly
import Lockstep
import Optimizers
import Recipes
import Training

extension TrainingParts {
  /// Installs the techniques of a recipe's text, given as the section alone.
  /// - Returns: the notes for the user.
  @discardableResult
  mutating func install(
    _ techniques: String?, totalSteps: Int, frozen: [String] = [], dropoutSamples: Int = 1
  ) throws -> [String] {
    let document = try RecipeDocument(yaml: techniques.map { "techniques: \($0.inMapping)" } ?? "{}", source: "test")
    var assembly = TechniqueAssembly(
      try document.section().section("techniques"), schedule: .constant(), learningRate: learningRate(0),
      totalSteps: totalSteps)
    assembly.frozen = frozen
    assembly.dropoutSamples = dropoutSamples
    return try assembly.install(in: &self)
  }
}

extension String {
  /// `a: {…}` as `{a: {…}}`; a mapping stays as it is.
  fileprivate var inMapping: String { hasPrefix("{") ? self : "{\(self)}" }
}
