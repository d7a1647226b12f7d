import Data
import Layers
import Tensors

/// BERT with a classification head (Devlin et al. 2018, arXiv:1810.04805), as `BertForSequenceClassification` computes it.
///
/// Rows are packed without padding, so no work is done on pad tokens and no attention mask is needed.
public final class BertClassifier: Classifier {
  public let configuration: BertConfiguration
  public let labels: Int
  let bert: BertModel
  let classifier: ClassificationHead

  /// - Parameter multiSampleDropout: probabilities of a multi-sample dropout head; nil for the configuration's one.
  public init(_ configuration: BertConfiguration, labels: Int, multiSampleDropout: [Double]? = nil) {
    self.configuration = configuration
    self.labels = labels
    bert = BertModel(configuration)
    classifier = ClassificationHead(
      width: configuration.hiddenSize, labels: labels,
      dropouts: multiSampleDropout ?? [configuration.classifierDropout ?? configuration.hiddenDropout],
      initializer: .normal(Float(configuration.initializerRange)))
  }

  public func callAsFunction(_ microbatch: Microbatch, _ pass: Pass) -> [Tensor] {
    guard case .tokens(let batch) = microbatch.input else { preconditionFailure("BERT reads tokens, not images") }
    let pooled = bert.pooler(bert.hiddenStates(batch, pass).last!, batch, pass)
    return classifier(pooled, Coordinates(rows: pass.rows), pass)
  }

  /// The embeddings' output and every layer's, each [tokens, hidden].
  public func hiddenStates(_ batch: TokenBatch, _ pass: Pass) -> [Tensor] { bert.hiddenStates(batch, pass) }
}

final class BertModel: Module {
  let embeddings: BertEmbeddings
  let encoder: BertEncoder
  let pooler: BertPooler

  init(_ configuration: BertConfiguration) {
    embeddings = BertEmbeddings(configuration)
    encoder = BertEncoder(configuration)
    pooler = BertPooler(configuration)
  }

  func hiddenStates(_ batch: TokenBatch, _ pass: Pass) -> [Tensor] {
    let places = Coordinates(rows: pass.rows, offsets: batch.offsets)
    return encoder.layer.reduce(into: [embeddings(batch, places, pass)]) { states, layer in
      states.append(layer(states.last!, batch.offsets, places, pass))
    }
  }
}

final class BertEmbeddings: Module {
  let wordEmbeddings, positionEmbeddings, tokenTypeEmbeddings: Embedding
  let norm: LayerNorm
  let dropout: Dropout

  init(_ configuration: BertConfiguration) {
    func table(_ entries: Int) -> Embedding {
      Embedding(entries, configuration.hiddenSize, initializer: .normal(Float(configuration.initializerRange)))
    }
    wordEmbeddings = table(configuration.vocabularySize)
    positionEmbeddings = table(configuration.maximumPositions)
    tokenTypeEmbeddings = table(configuration.typeVocabularySize)
    norm = LayerNorm(configuration.hiddenSize, epsilon: Float(configuration.normEpsilon))
    dropout = Dropout(configuration.hiddenDropout)
  }

  var checkpointNames: [String: String] { ["norm": "LayerNorm"] }

  func callAsFunction(_ batch: TokenBatch, _ places: Coordinates, _ pass: Pass) -> Tensor {
    let sum = pass.embeddings(
      word: wordEmbeddings.weight, position: positionEmbeddings.weight, type: tokenTypeEmbeddings.weight,
      ids: batch.ids, positions: batch.positions, typeIDs: batch.typeIDs)
    return dropout(norm(pass.probed(sum), pass), places, pass)
  }
}

final class BertEncoder: Module {
  let layer: [BertLayer]

  init(_ configuration: BertConfiguration) {
    layer = (0..<configuration.layers).map { _ in BertLayer(configuration) }
  }
}

final class BertLayer: Module {
  let attention: BertAttention
  let intermediate: BertIntermediate
  let output: BertOutput

  init(_ configuration: BertConfiguration) {
    attention = BertAttention(configuration)
    intermediate = BertIntermediate(configuration)
    output = BertOutput(configuration, inputs: configuration.intermediateSize)
  }

  func callAsFunction(_ input: Tensor, _ offsets: [Int32], _ places: Coordinates, _ pass: Pass) -> Tensor {
    let attended = attention(input, offsets, places, pass)
    return output(intermediate(attended, pass), residual: attended, places, pass)
  }
}

final class BertAttention: Module {
  let attention: BertSelfAttention
  let output: BertOutput

  init(_ configuration: BertConfiguration) {
    attention = BertSelfAttention(configuration)
    output = BertOutput(configuration, inputs: configuration.hiddenSize)
  }

  var checkpointNames: [String: String] { ["attention": "self"] }

  func callAsFunction(_ input: Tensor, _ offsets: [Int32], _ places: Coordinates, _ pass: Pass) -> Tensor {
    output(attention(input, offsets, pass), residual: input, places, pass)
  }
}

final class BertSelfAttention: Module {
  let query, key, value: Linear
  let dropout: Dropout
  let heads: Int

  init(_ configuration: BertConfiguration) {
    func projection() -> Linear {
      Linear(
        configuration.hiddenSize, configuration.hiddenSize,
        initializer: .normal(Float(configuration.initializerRange)))
    }
    query = projection()
    key = projection()
    value = projection()
    dropout = Dropout(configuration.attentionDropout)
    heads = configuration.heads
  }

  /// [tokens, hidden] → [tokens, hidden]; tokens attend within their own row.
  func callAsFunction(_ input: Tensor, _ offsets: [Int32], _ pass: Pass) -> Tensor {
    pass.attention(
      query: query(input, pass), key: key(input, pass), value: value(input, pass), heads: heads, offsets: offsets,
      mask: dropout.mask(pass))
  }
}

final class BertIntermediate: Module {
  let dense: Linear

  init(_ configuration: BertConfiguration) {
    dense = Linear(
      configuration.hiddenSize, configuration.intermediateSize,
      initializer: .normal(Float(configuration.initializerRange)))
  }

  func callAsFunction(_ input: Tensor, _ pass: Pass) -> Tensor { pass.linearGELU(input, dense.weight, dense.bias) }
}

/// The end of both halves of a layer: a linear map, dropout, the residual and the norm.
final class BertOutput: Module {
  let dense: Linear
  let norm: LayerNorm
  let dropout: Dropout

  init(_ configuration: BertConfiguration, inputs: Int) {
    dense = Linear(
      inputs, configuration.hiddenSize, initializer: .normal(Float(configuration.initializerRange)))
    norm = LayerNorm(configuration.hiddenSize, epsilon: Float(configuration.normEpsilon))
    dropout = Dropout(configuration.hiddenDropout)
  }

  var checkpointNames: [String: String] { ["norm": "LayerNorm"] }

  func callAsFunction(_ input: Tensor, residual: Tensor, _ places: Coordinates, _ pass: Pass) -> Tensor {
    norm(dense(input, pass), residual: residual, dropout: dropout, places, pass)
  }
}

final class BertPooler: Module {
  let dense: Linear

  init(_ configuration: BertConfiguration) {
    dense = Linear(
      configuration.hiddenSize, configuration.hiddenSize,
      initializer: .normal(Float(configuration.initializerRange)))
  }

  /// The first token of each row, through a linear map and tanh: [tokens, hidden] → [rows, hidden].
  func callAsFunction(_ hidden: Tensor, _ batch: TokenBatch, _ pass: Pass) -> Tensor {
    pass.tanh(dense(pass.gatherRows(hidden, Array(batch.offsets.dropLast())), pass))
  }
}
