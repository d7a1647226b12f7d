import Recipes

/// Weights of classes: rows of rare classes count more.
///
///     loss = Σ w_y CE / Σ w_y                balanced: w_c = rows / (classes · rows of class c)
///
/// - The mean is over the weights of the **global batch**, as PyTorch's weighted cross entropy is over its batch, whatever
///   the number of ranks and microbatches.
/// - `balanced` follows King and Zeng, Logistic regression in rare events data (2001), as scikit-learn computes it.
/// - Cost: nothing. Saves: nothing.
public enum ClassWeights {
  /// Reads a recipe's key: `balanced`, or a list of one weight a class; nil where it is not there.
  ///
  /// - Parameter labels: of all training rows, for `balanced`.
  public static func read(
    _ key: String, in section: Section, labels: some Collection<Int32>, classes: Int
  ) throws -> [Float]? {
    guard section.contains(key) else { return nil }
    guard let text = try? section.string(key) else { return try section.classWeights(key, labels: classes) }
    guard text == "balanced" else { throw section.error(key, "is \"\(text)\"; give balanced, or one weight a class") }
    return balanced(labels, classes: classes)
  }

  /// The weights that give every class the same influence; 0 for a class without rows.
  public static func balanced(_ labels: some Collection<Int32>, classes: Int) -> [Float] {
    var counts = [Int](repeating: 0, count: classes)
    for label in labels { counts[Int(label)] += 1 }
    return counts.map { $0 == 0 ? 0 : Float(Double(labels.count) / (Double(classes) * Double($0))) }
  }
}

extension Section {
  /// A list of one positive weight a class, or nil where the key is not there.
  func classWeights(_ key: String, labels: Int) throws -> [Float]? {
    guard let weights = try numbers(key) else { return nil }
    guard weights.count == labels else {
      throw error(key, "holds \(weights.count) weights for \(labels) classes; give one a class, in label order")
    }
    if let bad = weights.first(where: { !($0 > 0 && $0.isFinite) }) {
      throw error(key, "holds \(bad); give weights above 0")
    }
    return weights.map { Float($0) }
  }
}

extension ClassWeights {
  /// What a recipe and the program know of it.
  package static let card = TechniqueCard(
    "class_weights", .loss,
    keys: [
      RecipeKey(
        "techniques.class_weights", .text, .numbers, or: .otherwise("all alike"),
        "balanced, or one weight a class: rare classes count more")
    ],
    benchmark: .init("{class_weights: [1.0, 2.0]}"))
}
