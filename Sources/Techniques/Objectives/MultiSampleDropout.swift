import Data
import Layers
import Models
import Recipes
import Tensors
import Training

/// How the samples of a multi-sample dropout head become one loss.
///
///     losses: (1/M) Σ loss(scoresₘ)          logits: loss((1/M) Σ scoresₘ)
///
/// - Paper: Inoue, Multi-sample dropout for accelerated training and better generalization, arXiv:1905.09788: the average
///   of the losses (their sum would multiply the learning rate by M).
/// - The head is the model's (`model.multi_sample_dropout`), and averaging losses is what every objective does with several
///   samples. `average: logits` is another method that published code calls by the same name: one loss of the mean score.
/// - Cost: one small product a sample. Saves: nothing.
public enum MultiSampleDropout {
  public enum Average: String, Sendable, CaseIterable { case losses, logits }

  /// The model as the objective sees it.
  ///
  /// Reads `average` (`losses`). A head with one sample is an error that names the key.
  public static func model(_ inner: any Classifier, _ section: Section, samples: Int) throws -> any Classifier {
    let average = try section.choice("average", default: Average.losses)
    try section.finish()
    guard samples > 1 else {
      throw section.error("average", "has nothing to average; give model.multi_sample_dropout several probabilities")
    }
    return average == .logits ? LogitAverage(inner) : inner
  }
}

/// A classifier whose several samples of scores are averaged into one.
final class LogitAverage: Classifier {
  private let inner: any Classifier

  init(_ inner: any Classifier) { self.inner = inner }

  var labels: Int { inner.labels }

  func callAsFunction(_ microbatch: Microbatch, _ pass: Pass) -> [Tensor] {
    let samples = inner(microbatch, pass)
    guard samples.count > 1 else { return samples }
    return [pass.scaled(samples.map { ($0, 1 / Float(samples.count)) })]
  }
}

extension MultiSampleDropout {
  /// What a recipe and the program know of it.
  package static let card = TechniqueCard(
    "multi_sample_dropout", .head,
    keys: [
      RecipeKey(
        "techniques.multi_sample_dropout", .toggle, or: .otherwise("losses are averaged"),
        "how the samples of model.multi_sample_dropout become one loss"),
      RecipeKey(
        "techniques.multi_sample_dropout.average", .choice(of: MultiSampleDropout.Average.self), or: "losses",
        "what is averaged",
        why: "losses is the paper's (Inoue 2019)"),
    ],
    benchmark: .init("{multi_sample_dropout: {}}", dropouts: [0.1, 0.2, 0.3, 0.4, 0.5]),
    install: { section, installation in
      let task = installation.parts.task
      if type(of: task).givesVectors || task is any VocabularyTask {
        throw section.error(
          "samples the dropout of a head, and that of \(type(of: task).kind) has none; leave it out")
      }
      installation.parts.model = try MultiSampleDropout.model(
        installation.parts.model, section, samples: installation.dropoutSamples)
    }
  )
}
