import ArgumentParser
import Lockstep

struct EnsembleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ensemble",
    abstract: "Average, vote or stack the predictions of several models of one task, joined by id.",
    discussion: """
      Average:
        lockstep ensemble a.jsonl b.csv --weights 2,1 --output both.csv

      Vote: the class that most models find most probable. Of classes with as many
      votes the one of the larger mean probability wins. Probabilities are shares of
      the votes:
        lockstep ensemble a.jsonl b.jsonl c.jsonl --vote --output all.jsonl

      Stack, on what models without one fold say of its rows (train --folds writes
      a/out-of-fold.jsonl):
        lockstep train a.yaml --folds 5 --output a
        lockstep ensemble a.jsonl b.jsonl --output both.jsonl \\
          --out-of-fold a/out-of-fold.jsonl b/out-of-fold.jsonl

      Fill a competition's sample:
        lockstep ensemble a.jsonl b.jsonl --output submission.csv \\
          --template sample_submission.csv

      Values, labels, the options of multiple choice and the tags of words (predict
      --probabilities) are averaged, too; a label is given from the weighted mean of its
      thresholds on. Lines are written as predict
      writes them for the same task. --vote is for classes, options and labels (half
      of the votes give a label), stacking for classes.

      Classes, labels, options and values are joined by their names, rows by their
      ids; what one file has and another has not is an error. Files of older versions
      do not name their classes: where one class then stands in two places, the files
      are refused.
      """)

  @Argument(
    help: "Files that lockstep predict wrote, one a model: .jsonl, .csv or .tsv.",
    completion: .file(extensions: ["jsonl", "json", "csv", "tsv"]))
  var predictions: [String]

  @OptionGroup var writing: PredictionOutput

  @Option(help: "One weight a model, separated by commas; equal by default.")
  var weights: String?

  @Flag(help: "Vote: each model gives its weight to its most probable class.")
  var vote = false

  @Option(
    parsing: .upToNextOption,
    help: "Stack: out-of-fold predictions of the same models, in the same order, that the regression is fitted on.")
  var outOfFold: [String] = []

  @Option(help: "Stack: the penalty on the regression's coefficients, 1 / C of scikit-learn; 1 by default.")
  var penalty: Double?

  func validate() throws {
    if !outOfFold.isEmpty, outOfFold.count != predictions.count {
      throw ValidationError("give --out-of-fold one file a model: \(predictions.count), not \(outOfFold.count)")
    }
    if !outOfFold.isEmpty, weights != nil {
      throw ValidationError("stacking finds its own weights: leave --weights out")
    }
    if !outOfFold.isEmpty, vote { throw ValidationError("give --vote or --out-of-fold, not both") }
    if let output = writing.output, (predictions + outOfFold).contains(where: { isSameFile($0, output) }) {
      throw ValidationError("--output \(output) is one of the files that are read: give another name")
    }
    guard let penalty else { return }
    if outOfFold.isEmpty {
      throw ValidationError("--penalty belongs to --out-of-fold: give the files, or leave it out")
    }
    if !(penalty > 0 && penalty.isFinite) { throw ValidationError("give a --penalty above 0") }
  }

  func run() throws {
    try reportingFailure {
      let plan = try writing.plan()
      let models = try predictions.map(Predictions.init(contentsOfFile:))
      let (rows, ensemble) = outOfFold.isEmpty ? try combined(models) : try stacked(models)
      try writing.write(rows, of: ensemble, plan)
    }
  }

  private func combined(_ models: [Predictions]) throws -> ([PredictedRow], Ensemble) {
    let ensemble = try Ensemble(models)
    let weights = try chosenWeights()
    return (vote ? try ensemble.vote(weights: weights) : try ensemble.average(weights: weights), ensemble)
  }

  private func chosenWeights() throws -> [Double]? {
    try weights?.split(separator: ",", omittingEmptySubsequences: false).map { text in
      guard let weight = Double(text) else {
        throw RecipeError(source: "--weights", key: String(text), problem: "is not a number; give one weight a model")
      }
      return weight
    }
  }

  private func stacked(_ models: [Predictions]) throws -> ([PredictedRow], Ensemble) {
    let fitted = try outOfFold.map(Predictions.init(contentsOfFile:))
    try Stacking.check(fitted + models)
    let training = try Ensemble(fitted)
    guard let truths = training.truths else {
      throw RecipeError(
        source: outOfFold[0], key: "truth", problem: "is missing; give what lockstep train --folds wrote")
    }
    let ensemble = try Ensemble(models, classesOf: training)
    return (Stacking(training, truths: truths, penalty: penalty ?? 1).predict(ensemble), ensemble)
  }
}
