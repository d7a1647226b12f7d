/// How the names of tensors in files of other programs become those of a model.
struct TensorNames {
  private let prefix: String
  private let others: [String]

  init(_ family: any EncoderFamily.Type) {
    prefix = family.prefix
    others = family.otherPrefixes
  }

  /// The names that a checkpoint's tensor may have in the model, best first.
  ///
  /// The prefix may be missing, another, or below other levels, and norms may be named as before 2018.
  func candidates(for name: String) -> [String] {
    var modern = name
    for (old, new) in [(".gamma", ".weight"), (".beta", ".bias")] where modern.hasSuffix(old) {
      modern = String(modern.dropLast(old.count)) + new
    }
    while modern.hasPrefix("module.") { modern.removeFirst("module.".count) }
    let renamed = others.filter { modern.hasPrefix($0 + ".") }.map { prefix + modern.dropFirst($0.count) }
    return [modern] + renamed + ["\(prefix).\(modern)"]
  }

  /// A tensor below the encoder's prefix.
  func encoder(_ name: String) -> String { "\(prefix).\(name)" }

  func isOfEncoder(_ name: String) -> Bool { name.hasPrefix(prefix + ".") }
}
