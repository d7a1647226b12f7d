import Recipes
import Techniques
import Training

/// What is minimised of one class of several, of a row or of a word: the cross entropy, as a recipe's techniques change it.
enum ClassObjective {
  /// Keys of `techniques` that it reads.
  static let keys = ["label_smoothing", "class_weights", "focal_loss"]

  /// - Parameters:
  ///   - labels: of all that has a class in the training rows, for balanced weights.
  ///   - areSoft: whether labels are a probability of each class.
  /// - Throws: `RecipeError` that names the key.
  static func read(
    _ techniques: Section, labels: some Collection<Int32>, classes: Int, areSoft: Bool = false
  ) throws -> any Objective {
    let smoothing = try techniques.toggle("label_smoothing").map { section in
      let epsilon = try section.number("epsilon", default: 0.1, in: 0...1)
      try section.finish()
      return epsilon
    }
    let weights = try ClassWeights.read("class_weights", in: techniques, labels: labels, classes: classes)
    guard let section = try techniques.toggle("focal_loss") else {
      if areSoft { return SoftCrossEntropy(classes: classes, smoothing: smoothing ?? 0, classWeights: weights) }
      return CrossEntropy(smoothing: Float(smoothing ?? 0), classWeights: weights)
    }
    for (key, isGiven) in [("label_smoothing", smoothing != nil), ("class_weights", weights != nil)] where isGiven {
      throw techniques.error(key, "is given next to focal_loss, which replaces the cross entropy; keep one of them")
    }
    if areSoft {
      throw techniques.error("focal_loss", "is for one class a row, and the labels are probabilities; leave it out")
    }
    return try FocalLoss(section, labels: classes)
  }

  /// - Throws: `RecipeError` where one of them is asked for, and the loss is another.
  static func refuse(_ techniques: Section, _ reason: String) throws {
    for key in keys where isOn(key, techniques) { throw techniques.error(key, reason) }
  }

  private static func isOn(_ key: String, _ techniques: Section) -> Bool {
    guard techniques.contains(key) else { return false }
    do { return try techniques.toggle(key) != nil } catch { return true }
  }
}
