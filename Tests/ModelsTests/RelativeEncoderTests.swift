import Foundation
import Layers
import Models
import Tensors
import TestSupport
import Testing

/// The configurations of encoders with relative positions.
@Suite struct RelativeEncoderTests {
  private static func member(_ type: String, _ others: [String: Any]) throws -> any EncoderFamily {
    let family = try #require(EncoderFamilies.family(of: type))
    return try TinyEncoder.member(of: family, others: others)
  }

  private static func tensors(_ family: any EncoderFamily) -> [String] {
    ModelState(TextClassifier(family, labels: 3), seed: 1).layout.slices.map { "\($0.name) \($0.shape)" }
  }

  /// A key that asks for what is not computed, and what is said of it.
  struct Refusal: CustomTestStringConvertible, Sendable {
    let type: String
    let key: String
    let json: String
    let words: String

    init(_ type: String, _ key: String, _ json: String, _ words: String) {
      (self.type, self.key, self.json, self.words) = (type, key, json, words)
    }

    var testDescription: String { "\(type) with \(key) \(json)" }
  }

  static let refusals = [
    Refusal("deberta-v2", "pos_att_type", #""c2p|p2p""#, "only c2p, p2c can be computed here"),
    Refusal("deberta-v2", "pos_att_type", "[1]", "only c2p, p2c can be computed here"),
    Refusal("deberta-v2", "norm_rel_ebd", #""batch_norm""#, "only none, layer_norm can be computed here"),
    Refusal("deberta-v2", "position_buckets", "1", "which cannot hold the distances below 32"),
    Refusal("deberta-v2", "position_buckets", "64", "which cannot hold the distances below 32"),
    Refusal("deberta-v2", "position_buckets", "1e300", "which cannot hold the distances below 32"),
    Refusal("deberta-v2", "conv_kernel_size", "4", "only odd sizes give every token a result"),
    Refusal("deberta-v2", "conv_kernel_size", "-3", "which is not a positive whole number"),
    Refusal("deberta-v2", "type_vocab_size", "0.5", "which is not a positive whole number"),
    Refusal("deberta-v2", "conv_groups", "2", "only 1 can be computed here"),
    Refusal("deberta-v2", "embedding_size", "8", "only 16 can be computed here"),
    Refusal("deberta-v2", "pooler_hidden_size", "8", "only 16 can be computed here"),
    Refusal("deberta-v2", "attention_head_size", "4", "only 8 can be computed here"),
    Refusal("modernbert", "layer_types", #"["full_attention"]"#, "one for each of 3 layers"),
    Refusal(
      "modernbert", "layer_types", #"["full_attention", "full_attention", "chunked_attention"]"#,
      "is not a list of full_attention and sliding_attention"),
    Refusal("modernbert", "rope_parameters", "7", "is not an object"),
    Refusal("modernbert", "global_rope_theta", "1", "which is not above 1"),
    Refusal("modernbert", "local_attention", "0", "which is not a positive whole number"),
    Refusal("modernbert", "classifier_pooling", #""max""#, "only cls, mean can be computed here"),
    Refusal("roformer", "num_attention_heads", "16", "an odd number of columns"),
    Refusal("modernbert", "num_attention_heads", "16", "an odd number of columns"),
  ]

  @Test("A key that asks for what is not computed is named", arguments: refusals)
  func refuses(_ refusal: Refusal) throws {
    let value = try JSONSerialization.jsonObject(with: Data(refusal.json.utf8), options: .fragmentsAllowed)
    do {
      _ = try Self.member(refusal.type, [refusal.key: value])
      Issue.record("\(refusal.testDescription) is accepted")
    } catch let error as ModelError {
      #expect("\(error)".contains(refusal.words), "\(error)")
    }
  }

  @Test("Both kinds of keys of rotary bases and layers describe the same ModernBERT")
  func modernKeys() throws {
    let older = try #require(
      try Self.member(
        "modernbert",
        ["global_attn_every_n_layers": 2, "global_rope_theta": 5000, "local_rope_theta": 300]) as? ModernBERT)
    let newer = try #require(
      try Self.member(
        "modernbert",
        [
          "layer_types": ["full_attention", "sliding_attention", "full_attention"],
          "rope_parameters": [
            "full_attention": ["rope_type": "default", "rope_theta": 5000.0],
            "sliding_attention": ["rope_type": "default", "rope_theta": 300.0],
          ],
        ]) as? ModernBERT)
    for member in [older, newer] {
      #expect(member.kinds == [.full, .sliding, .full] && member.fullBase == 5000 && member.slidingBase == 300)
    }
    let alike = try #require(
      try Self.member("modernbert", ["global_rope_theta": 5000, "local_rope_theta": NSNull()]) as? ModernBERT)
    #expect(alike.slidingBase == 5000)
    #expect(throws: ModelError.self) {
      try Self.member("modernbert", ["rope_parameters": ["full_attention": ["rope_type": "yarn", "rope_theta": 5e3]]])
    }
  }

  @Test("Terms of distances may be a list or words between bars, and their order says nothing")
  func terms() throws {
    let spellings: [Any] = [["c2p", "p2c"], ["p2c", "c2p"], "p2c|c2p", "C2P | p2c"]
    for spelling in spellings {
      let member = try #require(try Self.member("deberta-v2", ["pos_att_type": spelling]) as? DeBERTaV2)
      #expect(member.terms == .init(contentToPosition: true, positionToContent: true))
    }
  }

  @Test("Without relative attention there is no table of distances, and scores are scaled by the terms that are named")
  func withoutDistances() throws {
    let plain = try Self.member("deberta-v2", ["relative_attention": false, "position_biased_input": true])
    #expect(!Self.tensors(plain).contains { $0.contains("rel_embeddings") || $0.contains("pos_key_proj") })
    let shared = try Self.member("deberta-v2", ["share_att_key": true])
    #expect(Self.tensors(shared).contains { $0.hasPrefix("deberta.encoder.rel_embeddings.weight [8, 16]") })
    #expect(!Self.tensors(shared).contains { $0.contains("pos_key_proj") })
  }

  @Test("A written configuration keeps what is computed", arguments: ["deberta-v2", "modernbert", "roformer"])
  func written(type: String) throws {
    let others: [String: Any] = [
      "share_att_key": true, "pos_att_type": "p2c", "max_relative_positions": 20, "conv_act": "gelu",
      "pooler_hidden_act": "tanh", "pooler_dropout": 0.25, "cls_dropout": 0.125, "type_vocab_size": 2,
      "layer_types": ["sliding_attention", "full_attention", "sliding_attention"], "global_rope_theta": 77,
      "norm_bias": true, "mlp_bias": true, "attention_bias": true, "classifier_bias": true,
      "classifier_pooling": "mean", "classifier_activation": "silu", "embedding_dropout": 0.5, "rotary_value": true,
    ]
    let member = try Self.member(type, others)
    let again = try EncoderFamilies.read(member.completeJSON, source: "config.json")
    #expect(Self.tensors(again) == Self.tensors(member))
    #expect(again.head == member.head && again.pooler == member.pooler)
    let written = try JSONSerialization.data(withJSONObject: again.completeJSON, options: .sortedKeys)
    #expect(written == (try JSONSerialization.data(withJSONObject: member.completeJSON, options: .sortedKeys)))
  }
}
