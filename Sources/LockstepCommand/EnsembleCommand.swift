import ArgumentParser
import Lockstep

struct EnsembleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ensemble",
    abstract: "Average or stack the predictions of several models, joined by id.",
    discussion: """
      Average:
        lockstep ensemble a.jsonl b.jsonl --weights 2,1 --output both.jsonl

      Stack, on what models without one fold say of its rows (train --folds writes a/out-of-fold.jsonl):
        lockstep train a.yaml --folds 5 --output a
        lockstep ensemble a.jsonl b.jsonl --output both.jsonl \\
          --out-of-fold a/out-of-fold.jsonl b/out-of-fold.jsonl
      """)

  @Argument(help: "Files that lockstep predict wrote, one a model.", completion: .file(extensions: ["jsonl"]))
  var predictions: [String]

  @Option(help: "The file to write, in the form of lockstep predict.")
  var output: String

  @Option(help: "One weight a model, separated by commas; equal by default.")
  var weights: String?

  @Option(
    parsing: .upToNextOption,
    help: "Stack: out-of-fold predictions of the same models, in the same order, that the regression is fitted on.")
  var outOfFold: [String] = []

  @Option(help: "Stack: the penalty on the regression's coefficients.")
  var penalty = 1.0

  func validate() throws {
    if !outOfFold.isEmpty, outOfFold.count != predictions.count {
      throw ValidationError("give --out-of-fold one file a model: \(predictions.count), not \(outOfFold.count)")
    }
    if !outOfFold.isEmpty, weights != nil {
      throw ValidationError("stacking finds its own weights: leave --weights out")
    }
    if !(penalty > 0 && penalty.isFinite) { throw ValidationError("give a --penalty above 0") }
  }

  func run() throws {
    try reportingFailure {
      let ensemble = try Ensemble(predictions.map(Predictions.init(contentsOfFile:)))
      let rows = outOfFold.isEmpty ? try ensemble.average(weights: chosenWeights()) : try stacked(ensemble)
      let labels = ensemble.labels
      let lines = rows.map { row in
        JSONLine.object([
          ("id", .integer(row.id)), ("label", .string(labels[row.probabilities.largestIndex ?? 0])),
          ("probabilities", .array(row.probabilities.map(JSONLine.number))),
        ]).description + "\n"
      }
      try AtomicFile.write(lines.joined(), to: output)
    }
  }

  private func chosenWeights() throws -> [Double]? {
    try weights?.split(separator: ",").map { text in
      guard let weight = Double(text) else {
        throw RecipeError(source: "--weights", key: String(text), problem: "is no number; give one weight a model")
      }
      return weight
    }
  }

  private func stacked(_ ensemble: Ensemble) throws -> [Predictions.Row] {
    let training = try Ensemble(outOfFold.map(Predictions.init(contentsOfFile:)))
    guard let truths = training.truths else {
      throw RecipeError(
        source: outOfFold[0], key: "truth", problem: "is missing; give what lockstep train --folds wrote")
    }
    guard training.models[0].classes == ensemble.models[0].classes else {
      throw RecipeError(
        source: outOfFold[0], key: "probabilities",
        problem: "are of \(training.models[0].classes) classes, not \(ensemble.models[0].classes); use the same models")
    }
    return Stacking(training, truths: truths, penalty: penalty).predict(ensemble)
  }
}
