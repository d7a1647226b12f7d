import Foundation
import Models
import Testing

/// What is said of keys of a config.json.
@Suite struct ConfigurationMessageTests {
  @Test(
    "A number is written as the file has it",
    arguments: [
      ("\"hidden_size\": 0", "hidden_size is 0, which is not a positive whole number"),
      ("\"num_hidden_layers\": -3", "num_hidden_layers is -3, which is not a positive whole number"),
      ("\"num_hidden_layers\": 2.5", "num_hidden_layers is 2.5, which is not a positive whole number"),
      ("\"hidden_dropout_prob\": 26", "hidden_dropout_prob is 26, which is not a probability below 1"),
      ("\"layer_norm_eps\": -1", "layer_norm_eps is -1, which is negative"),
      ("\"layer_norm_eps\": -1e300", "layer_norm_eps is -1e+300, which is negative"),
      ("\"model_type\": \"modernbert\", \"global_rope_theta\": 1", "global_rope_theta is 1, which is not above 1"),
    ])
  func numbers(pair: String, message: String) throws {
    let json = try #require(JSONSerialization.jsonObject(with: Data("{\(pair)}".utf8)) as? [String: Any])
    let error = #expect(throws: ModelError.self) { try EncoderFamilies.read(json, source: "config.json") }
    #expect(error?.problem == message)
  }

  @Test("DistilBERT's sizes may be spelled as other families spell them, as transformers' attribute_map has it")
  func otherSpellings() throws {
    let others = ["hidden_size": 48, "num_hidden_layers": 5, "num_attention_heads": 4]
    var json: [String: Any] = others.merging(["hidden_dim": 96]) { $1 }
    json["model_type"] = "distilbert"
    let member = try EncoderFamilies.read(json, source: "config.json").configuration
    #expect(member.hiddenSize == 48 && member.layers == 5 && member.heads == 4 && member.intermediateSize == 96)
    json["n_layers"] = 2
    #expect(try EncoderFamilies.read(json, source: "config.json").configuration.layers == 2)
  }
}
