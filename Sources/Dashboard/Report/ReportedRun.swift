import Runs
import Scores

/// What a report says of one run: its folder, and what its best model does on the validation rows.
package struct ReportedRun {
  /// What a model's answers are.
  package enum Form: Sendable {
    /// A probability each, of which one is right.
    case classes([String])
    /// A probability each, of which any may be right.
    case labels([String])
    case values([String])
    /// The tags of words.
    case words([String])
    case other
  }

  /// A row as people know it.
  package struct RowText: Sendable {
    var id: String
    var text: String
    /// The words that have targets.
    var words: [String]

    package init(id: String, text: String, words: [String] = []) {
      (self.id, self.text, self.words) = (id, text, words)
    }
  }

  /// A model's figures on the validation rows.
  package struct Validation {
    /// The model's folder.
    var model: String
    var form: Form
    var loss: Double
    var metrics: [(name: String, value: Double)]
    /// The class of two that f1, precision and recall are of.
    var positive: PositiveClass?
    var scored: ScoredRows
    /// Precision, recall and F1 of each class, label or type of entity; nil where there are none.
    var classes: ClassReport?
    var confusion: ConfusionMatrix?
    var calibration: Calibration?
    /// In the order of the rows, or of the texts where rows are words; empty where nobody has them.
    var texts: [RowText]

    package init(
      model: String, form: Form, loss: Double, metrics: [(name: String, value: Double)], scored: ScoredRows,
      positive: PositiveClass? = nil, classes: ClassReport? = nil, confusion: ConfusionMatrix? = nil,
      calibration: Calibration? = nil, texts: [RowText] = []
    ) {
      (self.model, self.form, self.loss, self.metrics, self.scored) = (model, form, loss, metrics, scored)
      (self.classes, self.confusion, self.calibration, self.texts) = (classes, confusion, calibration, texts)
      if case .classes(let names) = form { self.positive = positive ?? PositiveClass(among: names) }
    }

    /// Rows, or texts where rows are their words.
    var rows: Int { scored.drawable }
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

  /// The figures, where they are there.
  var figures: Validation? { try? validation?.get() }
}
