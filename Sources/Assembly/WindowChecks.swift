import Data
import Models
import Recipes
import Tasks
import Text
import Training

extension Recipe {
  /// The windows in which rows are read that are longer than the maximum length; nil where they are cut.
  /// - Throws: `RecipeError` where the task scores no rows, or where windows would share all that they have room for.
  func windows(_ tasks: TaskKinds, _ tokenizer: any Tokenizer, maximumLength: Int) throws -> RowWindows? {
    let layout = try tasks.layout(of: self)
    guard let windows = data.windows ?? layout.usualWindows(maximumLength) else { return nil }
    try tasks.checkWindows(of: self)
    let room = tokenizer.textRoom(in: maximumLength, isPair: data.columns.pair != nil || layout == .spans)
    guard windows.stride < room else {
      throw RecipeError(
        source: source, key: "data.windows.stride",
        problem: "is \(windows.stride), and a row of \(maximumLength) tokens has room for \(room) of a text"
          + "; give less, or raise data.maximum_length")
    }
    return windows
  }
}

extension PretrainedDirectory {
  /// What a run should know that starts from this model and cuts rows; nil where the model did, too.
  var windowNote: String? {
    guard let windows else { return nil }
    return
      "\(path) was trained on windows of long rows (stride \(windows.stride)), and this run cuts them; to read them"
      + " alike set data.windows.stride=\(windows.stride)"
  }

  /// The windows of a model that is used.
  /// - Throws: `ModelError` where they do not belong to its task, or would share all that they have room for.
  package func windows(for task: any LearningTask, _ tokenizer: any Tokenizer, maximumLength: Int) throws -> RowWindows?
  {
    let kind = type(of: task)
    guard let windows else { return kind.layout.usualWindows(maximumLength) }
    guard kind.takesWindows, windows.stride < tokenizer.textRoom(in: maximumLength, isPair: false) else {
      throw ModelError(
        file: path + "/config.json",
        problem: kind.takesWindows
          ? "lockstep_windows.stride is \(windows.stride), and rows have \(maximumLength) tokens"
          : "lockstep_windows is given, and the model is of \(kind.kind), which scores neither a row as a whole nor its words",
        remedy: "export the model again")
    }
    return windows
  }
}
