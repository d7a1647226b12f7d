import Foundation

/// Real inputs, small enough to be read hundreds of thousands of times.
struct Inputs {
  let root: String

  func path(_ name: String) -> String { "\(root)/\(name)" }

  /// The first lines of a file that is shipped.
  func lines(_ name: String, _ count: Int) throws -> [UInt8] {
    guard let file = FileHandle(forReadingAtPath: path(name)) else { throw CocoaError(.fileNoSuchFile) }
    defer { try? file.close() }
    let bytes = try file.read(upToCount: 1 << 16) ?? Data()
    return [UInt8](bytes.split(separator: UInt8(ascii: "\n"), maxSplits: count).prefix(count).joined(separator: [10]))
      + [10]
  }

  func recipes() throws -> [[UInt8]] {
    let folder = path("launch/recipes")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted().filter { $0.hasSuffix(".yaml") }
    return try names.map { [UInt8](try Data(contentsOf: URL(filePath: "\(folder)/\($0)"))) } + [
      Self.bytes(Self.techniques)
    ]
  }

  func safetensors() throws -> [[UInt8]] {
    let whole = [UInt8](try Data(contentsOf: URL(filePath: path("Tests/Golden/ema/initial.safetensors"))))
    let header =
      "{\"__metadata__\":{\"format\":\"pt\"},\"x\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},"
      + "\"y\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[8,16]}}"
    let small = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init) + Self.bytes(header)
    return [
      small + [UInt8](repeating: 1, count: 16), small + [UInt8](repeating: 2, count: 16), whole,
    ]
  }

  let overrides = [
    "techniques.ema={decay: 0.99, start: 3}", "batch.size=64", "optimizer.betas=[0.9, 0.98]", "model.freeze=[a, b.c]",
    "schedule.warmup=1e-2", "data.limit=100", "checkpoint={every: 5, keep: 2}", "seed=9223372036854775807",
  ].map(bytes)

  let json = [
    bytes(#"{"text": "a\n\u00e9\ud83d\ude00", "more": [1.5e3, -0, {"x": null}, true, [[]]], "": 12345678901234567890}"#)
  ]

  let manifest = bytes(
    """
    {"format":"lockstep-checkpoint-1",
    "step":400,
    "score":0.5,
    "files":[
    {"name":"state.json","bytes":20,"sha256":"\(String(repeating: "0a", count: 32))"},
    {"name":"weights.part-00-of-02.safetensors","bytes":96,"sha256":"\(String(repeating: "1b", count: 32))",\
    "kind":"weights","begin":0,"end":16},
    {"name":"weights.part-01-of-02.safetensors","bytes":84,"sha256":"\(String(repeating: "2c", count: 32))",\
    "kind":"weights","begin":16,"end":40}],
    "state":[
    {"kind":"weights","tensors":[{"name":"bert.a","shape":[7,5]},{"name":"b","shape":[5]}]}]
    """)

  let records = bytes(
    "[{\"name\":\"weights.safetensors\",\"bytes\":96,\"sha256\":\"\(String(repeating: "1b", count: 32))\",\"kind\":\"weights\","
      + "\"begin\":0,\"end\":16},{\"name\":\"x\",\"bytes\":1,\"sha256\":\"\(String(repeating: "0", count: 64))\"}]")

  let csv = bytes("sentence1,sentence2,label\r\n\"a, \"\"b\"\"\",\"two\r\nlines\",1\r\nplain,über,0\r\n花呗,\"\",1\r\n")

  let quotedTSV = bytes("sentence1\tsentence2\tlabel\r\n\"a \"\"b\"\"\"\t\"two\r\nlines\"\t1\r\nplain\tüber\t0\r\n")

  /// A table in UTF-16, with its byte order mark.
  let wideCSV: [UInt8] =
    [0xFF, 0xFE]
    + "sentence1,sentence2,label\na,花呗 \u{1F600},1\nb,c,0\n".utf16.flatMap {
      [UInt8($0 & 0xFF), UInt8($0 >> 8)]
    }

  let jsonArray = bytes(
    #"[{"sentence1": "a \"b\"", "sentence2": "[{", "label": 1.0},"# + "\n"
      + #" {"sentence1": 2, "sentence2": null, "label": "0", "more": [1, {"x": "]"}]}]"# + "\n")

  let sentences = bytes("# id 1\tx=y\nEU\tO\nrejects\tB-x\nit\tI-x\n\n-DOCSTART-\tO\n\t\nGermany\tB-x\r\n")

  let spans = bytes(
    #"{"sentence": "abc def", "label": {"x": {"abc": [[0, 2]]}}}"# + "\n"
      + #"{"sentence": "abc def", "label": [[4, 7, "x"], {"start": 0, "end": 1, "label": "x"}]}"# + "\n"
      + #"{"sentence": ["a", 1], "label": ["O", "B-x"]}"# + "\n")

  let questions = [
    #"{"data": [{"title": "t", "paragraphs": [{"context": "the cat sat on a mat", "qas": [{"id": "1", "question": "who sat?","#
      + #" "answers": [{"text": "the cat", "answer_start": 0}, {"text": "cat", "answer_start": 4}]}, {"id": "2","#
      + #" "question": "why?", "is_impossible": true, "answers": []}]}]}], "version": "v2.0"}"#,
    #"[{"context_id": "1", "context_text": "abc def", "qas": [{"query_text": "a", "query_id": "q", "answers": ["def"]}]},"#
      + #" {"question": "a", "context": "b cd", "answers": {"text": ["cd"], "answer_start": [2]}}]"#,
  ].map(bytes)

  let predictions = [
    "{\"id\": 0, \"label\": \"1\", \"probabilities\": [0.25, 0.75], \"truth\": 1}\n"
      + "{\"id\": 1, \"label\": \"0\", \"probabilities\": [0.5, 0.5], \"truth\": 0}\n",
    "{\"id\": 0, \"labels\": [\"x\"], \"probabilities\": [0.75, 0.25], \"classes\": [\"x\", \"y\"],"
      + " \"thresholds\": [0.5, 0.5]}\n",
    "{\"id\": 0, \"label\": \"A\", \"probabilities\": [0.75, 0.25], \"options\": [\"A\", \"B\"]}\n",
    "{\"id\": 0, \"values\": {\"p\": 1.5, \"q\": -2}}\n{\"id\": 1, \"values\": {\"q\": 0, \"p\": 3e5}}\n",
  ].map(bytes)

  let trace = bytes(
    """
    {"displayTimeUnit": "ms", "otherData": {"program": "lockstep", "ranks": [
    {"rank": 0, "clock_uncertainty_us": 0.0, "dropped_spans": 0}]}, "traceEvents": [
    {"ph": "M", "pid": 0, "name": "process_name", "args": {"name": "rank 0 on node0"}},
    {"ph": "M", "pid": 0, "tid": 0, "name": "thread_name", "args": {"name": "training"}},
    {"ph": "X", "pid": 0, "tid": 0, "ts": 2.500, "dur": 3.001, "cat": "forward", "name": "forward"},
    {"ph": "X", "pid": 0, "tid": 0, "ts": 1.000, "dur": 9.250, "cat": "step", "name": "step", "args": {"step": 1}}
    ]}
    """)

  let images: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2] + Array(0..<12)

  /// `images`, packed by gzip.
  let packedImages: [UInt8] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3,  // header
    1, 28, 0, 227, 255,  // one stored block of 28 bytes
    0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,  //
    99, 68, 111, 198, 28, 0, 0, 0,  // checksum and size
  ]

  let tokenizer = bytes(
    ###"{"added_tokens": [{"id": 7, "content": "<e>", "special": true, "normalized": false}], "###
      + ###""normalizer": {"type": "BertNormalizer", "lowercase": true, "strip_accents": null}, "###
      + ###""pre_tokenizer": {"type": "BertPreTokenizer"}, "###
      + ###""post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}, "###
      + ###""model": {"type": "WordPiece", "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "a": 5, "##b": 6}}}"###
  )
  let tokenizerOptions = bytes(
    #"{"do_lower_case": true, "strip_accents": null, "tokenize_chinese_chars": true, "model_max_length": 512, "#
      + #""added_tokens_decoder": {"7": {"content": "[E1]", "lstrip": true}}, "mask_token": "[MASK]"}"#)
  let encoder = bytes(
    #"{"model_type": "bert", "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64, "#
      + #""vocab_size": 30522, "max_position_embeddings": 512, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "#
      + #""hidden_act": "gelu", "hidden_dropout_prob": 0.1, "id2label": {"0": "no", "1": "yes"}}"#)
  let residual = bytes(
    #"{"model_type": "lockstep-residual-network", "input_channels": 1, "stem_channels": 8, "block_channels": [16, 32], "#
      + #""block_strides": [1, 2], "id2label": {"0": "no", "1": "yes"}, "dropout": 0.1, "norm_epsilon": 1e-5, "#
      + #""norm_momentum": 0.1, "pixel_mean": 0.13, "pixel_deviation": 0.3}"#)
  let hosts = bytes("# two\nnode1 slots=4\nnode-2.lan weight=0.5 slots=2 # slow\n10.0.0.3\n")

  let smallRecipe = """
    model: {configuration: {hidden_size: 32}, vocabulary: vocab.txt}
    data: {train: a.tsv}
    """

  /// Recipes whose parts are damaged, in the style of YAML that is JSON.
  let recipesInJSON = [
    #"{"seed": 1, "model": {"configuration": {"hidden_size": 32}, "vocabulary": "v.txt", "labels": 2, "freeze": ["a"]}, "#
      + #""data": {"train": "a.tsv", "validation": "b.tsv", "columns": {"text": "s", "label": "l"}, "limit": 10}, "#
      + #""batch": {"size": 8, "microbatch": 2}, "steps": 30, "precision": "bf16", "#
      + #""optimizer": {"kind": "adamw", "betas": [0.9, 0.99], "lookahead": {"steps": 5, "alpha": 0.5}}, "#
      + #""schedule": {"kind": "linear", "warmup": 0.1}, "#
      + #""techniques": {"ema": {"decay": 0.9}, "freeze": [{"paths": ["a"]}]}, "#
      + #""evaluate": {"every": 10, "metrics": ["f1"], "positive": "1"}, "checkpoint": {"every": 4, "keep": 2}}"#,
    #"{"model": {"kind": "image-classifier", "from": "m"}, "data": {"train": {"images": "i", "labels": "l"}}, "#
      + #""epochs": 2, "reduction": {"kind": "ring"}}"#,
  ].map(bytes)

  /// What a run saves, with the values of its averages.
  let state = bytes(
    #"{"facts": {"batchSize": 8, "buckets": 3, "maximumLength": 24, "microbatch": 2, "optimizer": "adamw", "#
      + #""precision": "fp32", "reduction": "ordered", "seed": 7, "statistics": "microbatch", "details": {"clip": "1.0"}}, "#
      + #""progress": {"best": 0.5, "bestStep": 10, "bestWeights": "raw", "evaluationsSinceBest": 2, "#
      + #""lastEvaluatedStep": 30, "lastScore": 0.5, "lossSum": 3.5, "lossRows": 64}, "step": 30, "#
      + #""values": {"optimizer.steps": 30, "swa.averaged": 3, "ema.kept": 1, "teacher.taken": 30, "#
      + #""scaler.scale": 65536, "scaler.growth_tracker": 3}, "inputs": {"data.train": "00"}}"#)

  let ledger = bytes(
    (1...4).map { step in
      #"{"step": \#(step), "epoch": \#((step - 1) / 2), "samples": "00000000000000\#(step)0", "rows": 2, "#
        + #""loss_sum": 1.5, "loss_sum_bits": "3ff8000000000000", "loss_weight": 2, "gradient_norm": 1.0, "#
        + #""gradient_norm_bits": "3ff0000000000000"}"# + "\n"
    }.joined())

  private static let techniques = """
    seed: 2021
    model: {configuration: {hidden_size: 32}, vocabulary: vocab.txt, labels: 2, multi_sample_dropout: [0.1, 0.2]}
    data: {train: a.tsv, validation: b.tsv, columns: {text: s, label: l}, maximum_length: 16, limit: 10}
    batch: {size: 8, microbatch: 2, buckets: 3}
    steps: 30
    precision: bf16
    optimizer: {kind: adamw, learning_rate: 1.0e-3, betas: [0.9, 0.999], lookahead: {steps: 5, alpha: 0.5}}
    schedule: {kind: cosine_annealing, period: 7}
    techniques:
      r_drop: {alpha: 0.5, reduction: sample}
      fgm: {epsilon: 1.0, target: word_embeddings, scope: batch}
      ema: {decay: 0.999, start: 5, warm: false}
      swa: {start: 10, every: 5, learning_rate: 0.05, anneal: {steps: 3, kind: cosine}, refresh: pooled}
      self_distillation: {coefficient: 1.0, teacher: {last: 5}}
      label_smoothing: {epsilon: 0.1}
      class_weights: [1.0, 2.0]
    evaluate: {every: 10, metrics: [accuracy, f1], best: f1, patience: 3}
    checkpoint: {every: 4, keep: 2}
    reduction: ordered
    threads: 1
    """

  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  init(root: String) { self.root = root }
}

/// Files for readers that take a path.
struct Scratch {
  let folder: String

  /// Replaces a file's content; gives its path.
  func write(_ bytes: [UInt8], _ name: String) -> String {
    let path = "\(folder)/\(name)"
    // Not truncated to nothing first: a file system may take that for a reason to flush.
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
    precondition(
      written == bytes.count && ftruncate(descriptor, off_t(bytes.count)) == 0,
      "\(path): wrote \(written) of \(bytes.count) bytes")
    close(descriptor)
    return path
  }
}
