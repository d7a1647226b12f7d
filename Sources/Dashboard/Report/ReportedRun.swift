import Runs
import Scores

/// What a report says of one run: its folder, and what its best model does on the validation rows.
package struct ReportedRun {
  /// A model's figures on the validation rows.
  package struct Validation {
    /// The model's folder.
    var model: String
    var classes: [String]
    var loss: Double
    var confusion: ConfusionMatrix
    var calibration: Calibration
    /// The class of two that f1, precision and recall are of.
    var positive: PositiveClass?

    package init(
      model: String, classes: [String], loss: Double, confusion: ConfusionMatrix, calibration: Calibration,
      positive: PositiveClass? = nil
    ) {
      precondition(classes.count == confusion.classes, "\(classes.count) names for \(confusion.classes) classes")
      (self.model, self.classes, self.loss) = (model, classes, loss)
      (self.confusion, self.calibration) = (confusion, calibration)
      self.positive = positive ?? PositiveClass(among: classes)
    }
  }

  let reader: RunReader
  /// Every value of its recipe, by its path.
  let settings: [String: String]
  /// Nil where nobody asked for it, or why it is not there.
  let validation: Result<Validation, Absence>?

  /// Why there are no figures, in a sentence.
  package struct Absence: Error {
    package var reason: String
    package init(reason: String) { self.reason = reason }
  }

  package init(
    _ directory: RunDirectory, settings: [String: String], validation: Result<Validation, Absence>?
  ) {
    reader = RunReader(directory)
    reader.refresh()
    (self.settings, self.validation) = (settings, validation)
  }

  var name: String { reader.directory.path.split(separator: "/").last.map(String.init) ?? reader.directory.path }
}
