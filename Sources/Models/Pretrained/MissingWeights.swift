/// Why a folder has no weights that are read, and what to do.
enum MissingWeights {
  /// - Parameter has: whether the folder has a file.
  static func error(in folder: String, has: (String) -> Bool) -> ModelError {
    for (file, key) in [("tf_model.h5", "from_tf"), ("flax_model.msgpack", "from_flax")] where has(file) {
      return ModelError(
        file: folder, problem: "has its weights only as \(file), which is not read",
        remedy:
          "download model.safetensors or pytorch_model.bin of this model, or convert it with transformers 4: in Python,"
          + " AutoModelForSequenceClassification.from_pretrained(\"\(folder)\", \(key)=True).save_pretrained(\"NEW\")")
    }
    for file in ["adapter_model.safetensors", "adapter_model.bin"] where has(file) {
      return ModelError(
        file: folder, problem: "has only an adapter (\(file)), not a model's weights",
        remedy: "merge it into its model first: in Python, merge_and_unload().save_pretrained(\"NEW\")")
    }
    for file in ["pytorch_model.pt", "model.pt", "model.bin", "model.pth", "bert_model.ckpt.index"] where has(file) {
      return ModelError(
        file: folder, problem: "has \(file), but neither model.safetensors nor pytorch_model.bin",
        remedy: file.hasPrefix("bert_model")
          ? "convert it from TensorFlow with transformers 4" : "rename it pytorch_model.bin if torch.save wrote it")
    }
    return ModelError(
      file: folder + "/model.safetensors", problem: "is missing",
      remedy: "give a Hugging Face folder with weights, or download them again")
  }
}
