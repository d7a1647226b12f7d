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
    let firsts = bert.firstTokens(batch, pass)
    return classifier(bert.pooler(firsts.hidden, pass), firsts.places, pass)
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
    encoder.layer.reduce(into: [embeddings(batch, pass)]) { states, layer in
      states.append(layer(states.last!, over: states.last!, pass))
    }.map(\.hidden)
  }

  /// The last layer's output for the first token of each row, all that the pooler reads: [rows, hidden].
  ///
  /// The other tokens of that layer are asked for keys and values alone, which spares five sixths of its products.
  func firstTokens(_ batch: TokenBatch, _ pass: Pass) -> TokenVectors {
    let input = encoder.layer.dropLast().reduce(embeddings(batch, pass)) { $1($0, over: $0, pass) }
    let firsts = input.firsts(pass)
    return encoder.layer.last.map { $0(firsts, over: input, pass) } ?? firsts
  }
}

/// A vector for each token of packed rows, or for the first tokens of each row.
struct TokenVectors {
  /// [tokens, hidden]
  let hidden: Tensor
  /// The tokens of row r are `offsets[r] ..< offsets[r + 1]`.
  let offsets: [Int32]
  let places: Coordinates

  init(_ hidden: Tensor, offsets: [Int32], places: Coordinates) {
    self.hidden = hidden
    self.offsets = offsets
    self.places = places
  }

  /// The same tokens with other vectors.
  func with(_ hidden: Tensor) -> TokenVectors { TokenVectors(hidden, offsets: offsets, places: places) }

  /// The first token of each row alone.
  func firsts(_ pass: Pass) -> TokenVectors {
    TokenVectors(
      pass.gatherRows(hidden, Array(offsets.dropLast())), offsets: offsets.indices.map { Int32($0) },
      places: Coordinates(rows: pass.rows))
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

  func callAsFunction(_ batch: TokenBatch, _ pass: Pass) -> TokenVectors {
    let places = Coordinates(rows: pass.rows, offsets: batch.offsets)
    let sum = pass.embeddings(
      word: wordEmbeddings.weight, position: positionEmbeddings.weight, type: tokenTypeEmbeddings.weight,
      ids: batch.ids, positions: batch.positions, typeIDs: batch.typeIDs)
    return TokenVectors(dropout(norm(pass.probed(sum), pass), places, pass), offsets: batch.offsets, places: places)
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

  /// The layer's output for `tokens`, which attend to their whole rows in `all`.
  func callAsFunction(_ tokens: TokenVectors, over all: TokenVectors, _ pass: Pass) -> TokenVectors {
    let attended = attention(tokens, over: all, pass)
    return output(intermediate(attended.hidden, pass), residual: attended, pass)
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

  func callAsFunction(_ tokens: TokenVectors, over all: TokenVectors, _ pass: Pass) -> TokenVectors {
    output(attention(tokens, over: all, pass), residual: tokens, pass)
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

  /// What `tokens` find in their own rows of `all`.
  func callAsFunction(_ tokens: TokenVectors, over all: TokenVectors, _ pass: Pass) -> Tensor {
    pass.attention(
      query: query(tokens.hidden, pass), key: key(all.hidden, pass), value: value(all.hidden, pass), heads: heads,
      offsets: all.offsets, queryOffsets: tokens.offsets, mask: dropout.mask(pass))
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

  func callAsFunction(_ input: Tensor, residual: TokenVectors, _ pass: Pass) -> TokenVectors {
    residual.with(
      norm(dense(input, pass), residual: residual.hidden, dropout: dropout, residual.places, pass))
  }
}

final class BertPooler: Module {
  let dense: Linear

  init(_ configuration: BertConfiguration) {
    dense = Linear(
      configuration.hiddenSize, configuration.hiddenSize,
      initializer: .normal(Float(configuration.initializerRange)))
  }

  /// The first token of each row, through a linear map and tanh: [rows, hidden] → [rows, hidden].
  func callAsFunction(_ firsts: Tensor, _ pass: Pass) -> Tensor { pass.tanh(dense(firsts, pass)) }
}
