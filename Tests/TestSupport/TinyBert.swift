import Models
import Training

/// A model of a few thousand weights, with dropout everywhere, and rows to train it on.
package enum TinyBert {
  /// The parts of plain training: 22 rows in batches of 8, so that every third batch is short.
  package static func parts(
    microbatch: Int, dropout: Double = 0.1, multiSampleDropout: [Double]? = nil, learningRate: Double = 1e-3
  ) throws -> TrainingParts {
    var bert = BERT()
    bert.configuration.vocabularySize = 40
    bert.configuration.hiddenSize = 16
    bert.configuration.layers = 2
    bert.configuration.heads = 2
    bert.configuration.intermediateSize = 24
    bert.configuration.maximumPositions = 16
    bert.configuration.hiddenDropout = dropout
    bert.configuration.attentionDropout = dropout
    bert.configuration.initializerRange = 0.2
    return try TinyEncoder.parts(
      of: bert, microbatch: microbatch, multiSampleDropout: multiSampleDropout, learningRate: learningRate)
  }
}
