import Recipes
import Testing

/// Keys that the chosen kind does not read are errors: nobody should believe in a warm-up that is not there.
@Suite struct UnreadKeyTests {
  private static func problem(_ lines: String) -> String? {
    do {
      _ = try Recipe(RecipeDocument(yaml: lines, source: "r.yaml"))
      return nil
    } catch {
      return String(describing: error)
    }
  }

  private static func problem(_ section: String, _ kind: String, _ key: String, _ value: String) -> String? {
    problem(
      """
      model: {from: a-model}
      data: {train: rows.tsv}
      \(section): {kind: \(kind), \(key): \(value)}
      """)
  }

  /// What the schedulers of PyTorch and transformers by these names take, under our names.
  private static let schedules: [String: Set<String>] = [
    "constant": ["warmup"], "linear": ["warmup", "unit"], "cosine": ["warmup", "unit"],
    "polynomial": ["warmup", "power", "final", "unit"], "step": ["every", "gamma", "unit"],
    "exponential": ["gamma", "unit"], "cosine_annealing": ["period", "final", "unit"],
    "warm_restarts": ["period", "multiplier", "final", "unit"],
    "one_cycle": [
      "pct_start", "div_factor", "final_div_factor", "curve", "cycle_momentum", "base_momentum", "max_momentum",
    ],
  ]
  private static let values = [
    "warmup": "2", "unit": "epoch", "power": "2", "final": "1e-4", "every": "3", "gamma": "0.3", "period": "5",
    "multiplier": "2", "pct_start": "0.4", "div_factor": "10", "final_div_factor": "100", "curve": "linear",
    "cycle_momentum": "false", "base_momentum": "0.8", "max_momentum": "0.96",
  ]

  @Test("every key of a schedule is read by the kinds that have a use for it, and refused by name with the others")
  func schedules() {
    #expect(Set(Self.schedules.keys) == Set(ScheduleRecipe.Kind.allCases.map(\.rawValue)))
    for (kind, keys) in Self.schedules {
      for (key, value) in Self.values {
        let problem = Self.problem("schedule", kind, key, value)
        guard !keys.contains(key) else {
          #expect(problem == nil, "\(kind), \(key)")
          continue
        }
        // A unit has nothing to count where a constant rate has no warm-up.
        if kind == "constant", key == "unit" { continue }
        let beginning = "r.yaml: schedule.\(key) has no effect: it is not read by kind \(kind); leave it out"
        #expect(problem?.hasPrefix(beginning) == true, "\(problem ?? "\(kind) takes \(key)")")
        for (reader, keys) in Self.schedules where keys.contains(key) {
          #expect(problem?.contains(reader) == true, "\(problem ?? "") does not name \(reader)")
        }
      }
    }
  }

  @Test("every key of an optimizer is read by its kind, and refused by name with the other")
  func optimizers() {
    let keys = [
      "adamw": ["betas": "[0.8, 0.9]", "epsilon": "1e-6", "bias_correction": "false"],
      "sgd": ["momentum": "0.5", "nesterov": "true"],
    ]
    for kind in keys.keys {
      for (owner, pairs) in keys {
        for (key, value) in pairs {
          let problem = Self.problem("optimizer", kind, key, value)
          guard owner != kind else {
            #expect(problem == nil, "\(kind), \(key)")
            continue
          }
          let expected =
            "r.yaml: optimizer.\(key) has no effect: it is not read by kind \(kind); leave it out"
            + " (--set optimizer.\(key)=null), or take kind \(owner)"
          #expect(problem == expected)
        }
      }
    }
  }

  @Test(
    "what another key makes idle is refused",
    arguments: [
      (
        "schedule: {warmup_from_first_step: true}", "schedule.warmup_from_first_step has no effect: it belongs to a war"
      ),
      (
        "schedule: {kind: one_cycle, cycle_momentum: false, base_momentum: 0.8}", "schedule.base_momentum has no effect"
      ),
      (
        "optimizer: {kind: sgd, momentum: 0.9}\nschedule: {kind: one_cycle}",
        "optimizer.momentum has no effect: it is moved by one_cycle from schedule.max_momentum"
      ),
      (
        "schedule: {kind: constant, unit: epoch}", "schedule.unit has no effect: it counts the warm-up of kind constant"
      ),
      ("schedule: {kind: one_cycle, base_momentum: 0.97}", "schedule.base_momentum is 0.97, above max_momentum 0.95"),
    ])
  func idle(lines: String, message: String) {
    let problem = Self.problem("model: {from: a-model}\ndata: {train: rows.tsv}\n" + lines)
    #expect(problem?.contains(message) == true, "\(problem ?? "taken")")
  }

  @Test("a momentum of sgd may stand next to a cycle that leaves it alone")
  func momentum() {
    let lines = "optimizer: {kind: sgd, momentum: 0.9}\nschedule: {kind: one_cycle, cycle_momentum: false}"
    #expect(Self.problem("model: {from: a-model}\ndata: {train: rows.tsv}\n" + lines) == nil)
  }

  @Test(
    "keys of the other kind of model are refused",
    arguments: [
      ("kind: bert-classifier, statistics: microbatch", "", "model.statistics belongs to batch norms"),
      ("kind: image-classifier, vocabulary: v.txt", "", "model.vocabulary belongs to text classifiers"),
      (
        "kind: image-classifier, recompute: true", "", "model.recompute is for the layers of text classifiers' encoders"
      ),
      ("kind: image-classifier", ", maximum_length: 64", "data.maximum_length has no effect: it is for texts"),
      ("kind: image-classifier", ", columns: {text: a}", "data.columns has no effect: it is for texts"),
      ("kind: image-classifier", ", cache: folder", "data.cache has no effect: it is for texts"),
      ("kind: image-classifier", "}\nbatch: {buckets: 50", "batch.buckets has no effect: it is for texts"),
    ])
  func otherModel(model: String, data: String, message: String) {
    let problem = Self.problem("model: {\(model)}\ndata: {train: {images: a, labels: b}\(data)}")
    #expect(problem?.contains(message) == true, "\(problem ?? "taken")")
  }

  // MARK: model.configuration

  private static func configuration(_ pair: String, kind: String = "bert-classifier") -> String? {
    problem("model: {kind: \(kind), configuration: {\(pair)}}\ndata: {train: rows.tsv}")
  }

  @Test("a configuration takes what BERT reads, and what a config.json of transformers holds besides")
  func configurationKeys() {
    for pair in [
      "hidden_size: 64", "num_hidden_layers: 2", "num_attention_heads: 4", "intermediate_size: 128",
      "max_position_embeddings: 64", "type_vocab_size: 1", "hidden_dropout_prob: 0.2", "initializer_range: 0.05",
      "attention_probs_dropout_prob: 0.2", "classifier_dropout: null", "layer_norm_eps: 1e-12", "hidden_act: gelu",
      "vocab_size: 100", "architectures: [BertModel]", "transformers_version: 4.57.6", "torch_dtype: float32",
      "use_cache: true", "pad_token_id: 0", "is_decoder: false", "add_cross_attention: false", "model_type: bert",
      "position_embedding_type: absolute",
    ] {
      #expect(Self.configuration(pair) == nil, "\(pair)")
    }
  }

  @Test(
    "a key of a configuration that nobody reads is refused by name",
    arguments: [
      ("hidden_sise: 64", "hidden_sise is not a key that a bert-classifier reads; did you mean \"hidden_size\"?"),
      (
        "model_type: distilbert, hidden_size: 64",
        "hidden_size is not a key that a bert-classifier reads; did you mean \"dim\"?"
      ),
      (
        "model_type: distilbert, hidden_dropout_prob: 0",
        "hidden_dropout_prob is not a key that a bert-classifier reads; did you mean \"dropout\"?"
      ),
      ("num_hidden_layer: 4", "num_hidden_layer is not a key that a bert-classifier reads; did you mean \"num_hidden_"),
      ("is_decoder: true", "is_decoder is true, and only false can be computed here; leave it out"),
      ("num_labels: 5", "num_labels is model.labels here; set that, and leave this out"),
      ("id2label: {0: a}", "id2label names classes, whose names are those in the data; leave it out"),
      ("stem_channels: 5", "stem_channels is not a key that a bert-classifier reads"),
      ("output_attentions: true", "output_attentions is not a key that a bert-classifier reads"),
    ])
  func configurationProblems(pair: String, message: String) {
    let problem = Self.configuration(pair)
    #expect(problem?.hasPrefix("r.yaml: model.configuration.\(message)") == true, "\(problem ?? "taken")")
  }

  @Test("a configuration of an image model is checked likewise")
  func imageConfiguration() {
    #expect(
      Self.configuration("stem_channels: 8, block_channels: [8], block_strides: [1]", kind: "image-classifier") == nil)
    let problem = Self.configuration("stem_channel: 8", kind: "image-classifier")
    #expect(problem?.contains("did you mean \"stem_channels\"?") == true, "\(problem ?? "taken")")
  }
}
