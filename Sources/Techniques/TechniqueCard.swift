import Optimizers
import Recipes
import Training

/// All that the rest of the program knows of a technique.
///
/// The recipe guide, the messages about values without effect, the documentation's table of keys and the benchmark are made from it.
/// A technique is one file with a card, and one line of `TechniqueList`.
package struct TechniqueCard: Sendable {
  /// Where a technique acts.
  package enum Place: Sendable {
    /// In the task's own loss: the task reads its section.
    case loss
    /// In what is minimised.
    case objective
    /// In the model's head.
    case head
    /// In which gradient is used; a run has one of them at most.
    case adversary
    /// In what becomes of the weights over time.
    case average
    /// In what is trained, and when.
    case freezing
  }

  /// A value with which a technique costs time and changes nothing.
  package struct IdleValue: Sendable {
    /// Such as `techniques.fgm.epsilon`.
    package let path: String
    package let value: Double
    package let reason: String
    package let remedy: String

    package init(_ path: String, _ value: Double, _ reason: String, remedy: String? = nil) {
      (self.path, self.value, self.reason) = (path, value, reason)
      self.remedy = remedy ?? "raise it, or leave the technique out"
    }
  }

  /// How the benchmark of techniques runs it: the section `techniques` in YAML, and the dropouts of the head that it needs.
  package struct Trial: Sendable {
    package let techniques: String
    package let dropouts: [Double]?

    package init(_ techniques: String, dropouts: [Double]? = nil) {
      (self.techniques, self.dropouts) = (techniques, dropouts)
    }
  }

  /// Puts the technique into the parts of a run; reads all of its section.
  package typealias Install = @Sendable (Section, inout TechniqueInstallation) throws -> Void

  /// Below `techniques`.
  package let key: String
  package let place: Place
  package let keys: [RecipeKey]
  package let idle: [IdleValue]
  package let benchmark: Trial?
  /// What the user should know once all techniques are in place: reasons for which this one does nothing.
  package let notes: @Sendable (TechniqueInstallation) -> [String]
  /// Called with the technique's own section where the recipe has it; for freezing with the section `techniques`.
  package let install: Install

  package init(
    _ key: String, _ place: Place, keys: [RecipeKey], idle: [IdleValue] = [], benchmark: Trial? = nil,
    notes: @escaping @Sendable (TechniqueInstallation) -> [String] = { _ in [] },
    install: @escaping Install = { _, _ in }
  ) {
    (self.key, self.place, self.keys, self.idle, self.benchmark) = (key, place, keys, idle, benchmark)
    (self.notes, self.install) = (notes, install)
  }
}
