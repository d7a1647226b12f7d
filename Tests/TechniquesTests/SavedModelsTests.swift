import Checkpoints
import Foundation
import Techniques
import Testing

/// Means of models on disk.
@Suite struct SavedModelsTests {
  /// A model's folder with these tensors.
  private func write(
    _ tensors: [(name: String, values: SavedTensor)], configuration: String = "{}", to folder: String
  ) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var writer = SafetensorsWriter()
    let memory = tensors.map { name, tensor in
      let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: tensor.bytes.count, alignment: 8)
      bytes.copyBytes(from: tensor.bytes)
      writer.add(name, tensor.type, shape: tensor.shape, UnsafeRawBufferPointer(bytes))
      return bytes
    }
    defer { memory.forEach { $0.deallocate() } }
    try writer.write(to: folder + "/model.safetensors")
    try Data(configuration.utf8).write(to: URL(filePath: folder + "/config.json"))
  }

  private func mean(_ tensors: [SavedTensor], keepsHalves: Bool = false) throws -> Mean {
    try withTemporaryFolder { folder in
      let folders = tensors.indices.map { "\(folder)/\($0)" }
      for (tensor, path) in zip(tensors, folders) { try write([("a", tensor)], to: path) }
      try SavedModels.average(folders, to: folder + "/mean", keepsHalves: keepsHalves)
      let file = try SafetensorsFile(folder + "/mean/model.safetensors")
      return Mean(file["a"]?.type, try file.doubles("a"))
    }
  }

  private struct Mean: Equatable {
    var type: ElementType?
    var values: [Double]

    init(_ type: ElementType?, _ values: [Double]) { (self.type, self.values) = (type, values) }
  }

  private func refusal(of folders: [String], in folder: String) -> String {
    let paths = folders.map { folder + "/" + $0 }
    let error = #expect(throws: EnsembleError.self) { try SavedModels.average(paths, to: folder + "/refused") }
    #expect(!FileManager.default.fileExists(atPath: folder + "/refused"))
    return error?.description ?? ""
  }

  @Test("tensors are joined by name and averaged; other files are the first model's, but for other weights")
  func mean() throws {
    try withTemporaryFolder { folder in
      try write(
        [("a", .floats([1, 2])), ("b", .floats([3]))], configuration: #"{"_name_or_path": "1"}"#, to: folder + "/one")
      try write([("b", .floats([6])), ("a", .floats([2, 4]))], to: folder + "/two")
      try write([("a", .floats([3, 9])), ("b", .floats([0]))], to: folder + "/three")
      for name in ["notes.txt", "pytorch_model.bin"] {
        try Data("x".utf8).write(to: URL(filePath: folder + "/one/" + name))
      }
      try SavedModels.average(["one", "two", "three"].map { folder + "/" + $0 }, to: folder + "/mean")
      let file = try SafetensorsFile(folder + "/mean/model.safetensors")
      #expect(try file.floats("a") == [2, 5])
      #expect(try file.floats("b") == [3])
      let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/mean").sorted()
      #expect(names == ["config.json", "model.safetensors", "notes.txt"])
      #expect(try String(contentsOfFile: folder + "/mean/config.json", encoding: .utf8) == #"{"_name_or_path": "1"}"#)
    }
  }

  @Test("a mean of halves is exact in F32; kept, it is the nearest half, the even one of two")
  func halves() throws {
    // 1, 1 + 2^-10 and 1 + 2^-9 in F16; 1, 1 + 2^-7 and 1 + 2^-6 in BF16.
    for (type, step, words) in [
      (ElementType.float16, 0x1p-10, [0x3C00, 0x3C01, 0x3C02]), (.bfloat16, 0x1p-7, [0x3F80, 0x3F81, 0x3F82]),
    ] as [(ElementType, Double, [UInt16])] {
      let tensors = words.map { SavedTensor(type, [$0, 0x8000]) }
      #expect(try mean([tensors[0], tensors[1]]) == Mean(.float32, [1 + step / 2, 0]))
      #expect(try mean(tensors) == Mean(.float32, [1 + step, 0]))
      #expect(try mean([tensors[0], tensors[1]], keepsHalves: true) == Mean(type, [1, 0]))
      #expect(try mean([tensors[1], tensors[2]], keepsHalves: true) == Mean(type, [1 + 2 * step, 0]))
      #expect(try mean(tensors, keepsHalves: true) == Mean(type, [1 + step, 0]))
    }
  }

  @Test("F64 is summed and kept in Float64, to the end of its range; mixed types become F32")
  func doubles() throws {
    let values = [[1 + 0x1p-40, 0x1.8p1023], [1 + 0x3p-40, 0x1.Cp1023]]
    #expect(try mean(values.map(SavedTensor.doubles)) == Mean(.float64, [1 + 0x1p-39, 0x1.Ap1023]))
    #expect(try mean([.doubles([1]), .floats([2])]) == Mean(.float32, [1.5]))
    #expect(
      try mean([SavedTensor(.float16, [0x3C00 as UInt16]), .floats([1 + 0x1p-20])]) == Mean(.float32, [1 + 0x1p-21]))
    #expect(
      try mean(
        [SavedTensor(.float16, [0x3C00 as UInt16]), SavedTensor(.bfloat16, [0x4000 as UInt16])], keepsHalves: true)
        == Mean(.float32, [1.5]))
  }

  @Test("equal integers are kept, and others refused by name")
  func integers() throws {
    try withTemporaryFolder { folder in
      try write([("a", .floats([1])), ("n", .integers([7, 8]))], to: folder + "/one")
      try write([("n", .integers([7, 8])), ("a", .floats([2]))], to: folder + "/two")
      try write([("a", .floats([1])), ("n", .integers([7, 9]))], to: folder + "/three")
      try SavedModels.average([folder + "/one", folder + "/two"], to: folder + "/both")
      #expect(try SafetensorsFile(folder + "/both/model.safetensors").integers("n") == [7, 8])
      #expect(refusal(of: ["one", "three"], in: folder).contains("three/model.safetensors has other values of n than"))
    }
  }

  @Test("weights that are not numbers are refused with file and tensor", arguments: [Float.nan, -.nan, .infinity])
  func notFinite(value: Float) throws {
    try withTemporaryFolder { folder in
      try write([("a", .floats([1])), ("b", .floats([1, 2]))], to: folder + "/one")
      try write([("a", .floats([1])), ("b", .floats([1, value]))], to: folder + "/two")
      let refusal = refusal(of: ["one", "two"], in: folder)
      #expect(
        refusal.contains(
          "two/model.safetensors holds a weight of b that is \(value.isNaN ? "not a number" : "infinite")"))
      #expect(!refusal.contains("nan"))
    }
  }

  @Test(
    "models of another kind are refused with the tensor's name",
    arguments: [
      ([("a", [Float(1), 2])], "has no b, and"), ([("a", [1]), ("b", [3])], "has a of shape [1], and"),
      ([("a", [1, 2]), ("b", [3]), ("c", [3])], "has c, and"), ([("a", [1, 2]), ("c", [3])], "has no b, and"),
    ])
  func refusals(tensors: [(String, [Float])], problem: String) throws {
    try withTemporaryFolder { folder in
      try write([("a", .floats([1, 2])), ("b", .floats([3]))], to: folder + "/one")
      try write(tensors.map { ($0, .floats($1)) }, to: folder + "/two")
      #expect(refusal(of: ["one", "two"], in: folder).contains(problem))
    }
  }

  private static func classes(_ names: String...) -> String {
    let pairs = names.enumerated().map { "\"\($0)\": \"\($1)\"" }
    return #"{"model_type": "bert", "id2label": {"# + pairs.joined(separator: ", ") + "}}"
  }

  @Test("a model whose classes stand in another order is joined by their names: with itself it gives itself")
  func classesInAnotherOrder() throws {
    try withTemporaryFolder { folder in
      let body = ("bert.pooler.dense.weight", SavedTensor.floats([1, 2, 3, 4, 5, 6], shape: [3, 2]))
      try write(
        [
          body, ("classifier.weight", .floats([1, 2, 3, 4, 5, 6], shape: [3, 2])),
          ("classifier.bias", .floats([7, 8, 9])),
        ],
        configuration: Self.classes("x", "y", "z"), to: folder + "/one")
      try write(
        [
          body, ("classifier.weight", .floats([5, 6, 1, 2, 3, 4], shape: [3, 2])),
          ("classifier.bias", .floats([9, 7, 8])),
        ],
        configuration: Self.classes("z", "x", "y"), to: folder + "/two")
      try SavedModels.average([folder + "/one", folder + "/two"], to: folder + "/mean")
      let weights = try Data(contentsOf: URL(filePath: folder + "/one/model.safetensors"))
      #expect(try Data(contentsOf: URL(filePath: folder + "/mean/model.safetensors")) == weights)

      try write([body], configuration: Self.classes("z", "y", "x"), to: folder + "/headless")
      try write([body], configuration: Self.classes("x", "y", "z"), to: folder + "/other")
      #expect(refusal(of: ["other", "headless"], in: folder).contains("no tensor whose rows are classes"))
    }
  }

  @Test(
    "models that read or compute otherwise are refused with what differs",
    arguments: [
      (#"{"model_type": "bert", "hidden_act": "relu"}"#, #"has hidden_act "relu", and"#),
      (#"{"model_type": "bert", "is_decoder": true}"#, "has is_decoder true, and"),
      (#"{"model_type": "bert", "layer_norm_eps": 1e-5}"#, "has layer_norm_eps 1e-05, and"),
      (#"{"model_type": "roberta"}"#, #"has model_type "roberta", and"#),
      (#"{"model_type": "bert", "unheard_of": 3}"#, "has unheard_of 3, and"),
      (Self.classes("a", "c"), "has the classes a, c, and"),
      (Self.classes("a", "b", "c"), "has the classes a, b, c, and"),
      (#"{"model_type": "bert"}"#, "has the classes none that id2label names, and"), ("[]", "is not a JSON object"),
    ])
  func computation(configuration: String, problem: String) throws {
    try withTemporaryFolder { folder in
      try write([("a", .floats([1]))], configuration: Self.classes("a", "b"), to: folder + "/one")
      try write([("a", .floats([1]))], configuration: configuration, to: folder + "/two")
      let refusal = refusal(of: ["one", "two"], in: folder)
      #expect(refusal.contains(problem) && refusal.contains("two/config.json"), "\(refusal)")
    }
  }

  @Test("what BERT's configurations mean without saying it is no difference, and what only training reads is none")
  func sameComputation() throws {
    try withTemporaryFolder { folder in
      let keys = """
        {"hidden_act": "gelu", "layer_norm_eps": 1e-12, "is_decoder": false, "hidden_dropout_prob": 0.3, "num_labels": 2,
        "classifier_dropout": null, "id2label": {"0": "LABEL_0", "1": "LABEL_1"}, "torch_dtype": "float16"}
        """
      try write([("a", .floats([1]))], configuration: keys, to: folder + "/one")
      try write([("a", .floats([3]))], configuration: "{}", to: folder + "/two")
      try SavedModels.average([folder + "/one", folder + "/two"], to: folder + "/mean")
      #expect(try SafetensorsFile(folder + "/mean/model.safetensors").floats("a") == [2])
    }
  }

  @Test("models that cut texts into other tokens are refused")
  func tokenizers() throws {
    try withTemporaryFolder { folder in
      let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "film"]
      func model(_ name: String, _ words: [String]?, _ options: String = #"{"do_lower_case": true}"#) throws {
        try write([("a", .floats([1]))], to: folder + "/" + name)
        guard let words else { return }
        try Data(words.joined(separator: "\n").utf8).write(to: URL(filePath: "\(folder)/\(name)/vocab.txt"))
        try Data(options.utf8).write(to: URL(filePath: "\(folder)/\(name)/tokenizer_config.json"))
      }
      try model("one", words)
      try model("same", words, #"{"do_lower_case": true, "model_max_length": 1000000}"#)
      try model("words", words + ["good"])
      try model("cased", words, #"{"do_lower_case": false}"#)
      try model("short", words, #"{"do_lower_case": true, "model_max_length": 64}"#)
      try model("none", nil)
      try SavedModels.average([folder + "/one", folder + "/same"], to: folder + "/both")
      for (name, problem) in [
        ("words", "has another vocabulary than"), ("cased", "other tokenizer options"),
        ("short", "another model_max_length"),
        ("none", "has no vocabulary"),
      ] {
        let refusal = refusal(of: ["one", name], in: folder)
        #expect(refusal.contains(problem) && refusal.contains(folder + "/" + name), "\(refusal)")
      }
    }
  }
}
