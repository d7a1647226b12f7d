import Lockstep

/// The `--set` that says what somebody wrote as an option: `--epochs 1`, `--lr 2e-5`, `--batch-size=16`.
struct RecipeSetting {
  let key: String
  private let value: String

  /// - Returns: nil where no key of a recipe has such a name.
  init?(option: String, value: String?) {
    let name = Self.plain(String(option.drop { $0 == "-" }))
    guard let (key, known) = Self.others[name].map({ ($0.key, $0.value) }) ?? Self.key(named: name).map({ ($0, nil) })
    else { return nil }
    self.key = key
    self.value = known ?? value ?? "VALUE"
  }

  /// `--set epochs=1`
  var words: String { "--set \(key)=\(value)" }

  private static func plain(_ name: String) -> String { name.lowercased().replacing("-", with: "_") }

  /// A whole path, or else the only path that ends so, or the first of several: sections come before techniques.
  private static func key(named name: String) -> String? {
    let paths = RecipeGuide.keys.filter { $0.types != [.mapping] }.map(\.path)
    if paths.contains(name) { return name }
    return paths.first { plain($0).split(separator: ".").last.map(String.init) == name }
  }

  /// Names of the same things in other programs; with a value where the name says it.
  private static let others: [String: (key: String, value: String?)] = [
    "lr": ("optimizer.learning_rate", nil), "learning_rate": ("optimizer.learning_rate", nil),
    "optimizer.lr": ("optimizer.learning_rate", nil), "optim": ("optimizer.kind", nil),
    "optimizer": ("optimizer.kind", nil), "wd": ("optimizer.weight_decay", nil),
    "batch": ("batch.size", nil), "batch_size": ("batch.size", nil), "bs": ("batch.size", nil),
    "train_batch_size": ("batch.size", nil), "per_device_train_batch_size": ("batch.size", nil),
    "micro_batch_size": ("batch.microbatch", nil), "microbatch_size": ("batch.microbatch", nil),
    "epoch": ("epochs", nil), "num_epochs": ("epochs", nil), "num_train_epochs": ("epochs", nil),
    "max_epochs": ("epochs", nil), "max_steps": ("steps", nil), "num_steps": ("steps", nil),
    "max_length": ("data.maximum_length", nil), "max_seq_length": ("data.maximum_length", nil),
    "max_len": ("data.maximum_length", nil), "warmup_ratio": ("schedule.warmup", nil),
    "warmup_steps": ("schedule.warmup", nil), "lr_scheduler_type": ("schedule.kind", nil),
    "scheduler": ("schedule.kind", nil), "schedule": ("schedule.kind", nil),
    "max_grad_norm": ("clip", nil), "grad_clip": ("clip", nil), "bf16": ("precision", "bf16"),
    "fp16": ("precision", "fp16"), "fp32": ("precision", "fp32"), "eval_steps": ("evaluate.every", nil),
    "eval_every": ("evaluate.every", nil), "save_steps": ("checkpoint.every", nil),
    "save_every": ("checkpoint.every", nil), "save_total_limit": ("checkpoint.keep", nil),
    "early_stopping_patience": ("evaluate.patience", nil), "num_labels": ("model.labels", nil),
    "num_classes": ("model.labels", nil), "model": ("model.from", nil), "model_name": ("model.from", nil),
    "model_name_or_path": ("model.from", nil), "pretrained": ("model.from", nil), "train": ("data.train", nil),
    "train_file": ("data.train", nil), "validation": ("data.validation", nil),
    "validation_file": ("data.validation", nil),
    "eval_file": ("data.validation", nil), "num_threads": ("threads", nil),
    "label_smoothing": ("techniques.label_smoothing.epsilon", nil),
  ]
}
