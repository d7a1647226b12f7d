import Data
import Layers
import Models
import Optimizers
import Tasks
import Training

/// A member of any family with a few thousand weights.
package enum TinyEncoder {
  /// Configuration keys of a member, as its family spells them.
  package static func json(
    of family: any EncoderFamily.Type, dropout: Double = 0.1, others: [String: Any] = [:]
  ) -> [String: Any] {
    let keys = family.keys
    var json: [String: Any] = [
      "model_type": family.modelTypes[0], keys.vocabularySize: 40, keys.hiddenSize: 16, keys.layers: 3, keys.heads: 2,
      keys.intermediateSize: 24, keys.maximumPositions: 32, keys.hiddenDropout: dropout,
      keys.attentionDropout: dropout, "initializer_range": 0.2,
    ]
    if let key = keys.typeVocabularySize { json[key] = 2 }
    return json.merging(features[family.modelTypes[0]] ?? [:]) { $1 }.merging(others) { $1 }
  }

  /// What members that differ from BERT have beyond the usual keys.
  private static var features: [String: [String: Any]] {
    [
      "deberta-v2": [
        "relative_attention": true, "position_buckets": 4, "pos_att_type": ["c2p", "p2c"], "norm_rel_ebd": "layer_norm",
        "position_biased_input": false, "conv_kernel_size": 3, "pooler_dropout": 0,
      ],
      "modernbert": ["local_attention": 4],
      "roformer": ["embedding_size": 12],
    ]
  }

  package static func member(
    of family: any EncoderFamily.Type, dropout: Double = 0.1, others: [String: Any] = [:]
  ) throws -> any EncoderFamily {
    try family.init(json: json(of: family, dropout: dropout, others: others), source: "\(family)")
  }

  /// The parts of plain training: 22 rows in batches of 8, so that every third batch is short.
  package static func parts(
    of family: any EncoderFamily, head: HeadDesign? = nil, microbatch: Int, multiSampleDropout: [Double]? = nil,
    learningRate: Double = 1e-3
  ) throws -> TrainingParts {
    let head = try head ?? family.head(HeadChoice(dropouts: multiSampleDropout))
    let model = TextClassifier(family, labels: 3, head: head)
    let state = ModelState(model, seed: 5)
    let rows = TokenRows(random: 22, vocabulary: 40, labels: 3, seed: 6)
    let plan = try BatchPlan(rowCount: rows.rowCount, batchSize: 8, microbatchSize: microbatch, seed: 7)
    var parts = TrainingParts(
      model: model, state: state, dataset: rows, task: SingleLabel(classes: model.labels), plan: plan,
      optimizer: AdamW(layout: state.layout),
      learningRate: { _ in learningRate })
    parts.weightDecay = 0.01
    parts.clip = Clipping(maximum: 1)
    return parts
  }
}
