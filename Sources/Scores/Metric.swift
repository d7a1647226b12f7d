/// A score by the name that recipes, metrics.jsonl and the command line give it.
public enum Metric: String, Sendable, CaseIterable, Codable {
  case accuracy
  /// Of the positive class where there are two classes; with more it is reported as `f1Macro`. So too `precision`, `recall`.
  case f1
  case f1Macro = "f1_macro"
  case f1Micro = "f1_micro"
  case f1Weighted = "f1_weighted"
  case precision
  case precisionMacro = "precision_macro"
  case recall
  case recallMacro = "recall_macro"
  case matthews

  /// The metric of this name, or nil; `mcc` is another name of `matthews`.
  public init?(name: String) {
    self.init(rawValue: name == "mcc" ? Metric.matthews.rawValue : name)
  }

  /// Whether its value is of one class alone, so that it means nothing without that class.
  public var isOfPositiveClass: Bool { self == .f1 || self == .precision || self == .recall }

  /// The metric that is measured where this one is asked for: with other than two classes no class is the positive one.
  public func reported(classes: Int) -> Metric {
    guard classes != 2 else { return self }
    return switch self {
    case .f1: .f1Macro
    case .precision: .precisionMacro
    case .recall: .recallMacro
    default: self
    }
  }

  /// The metrics that are measured where these are asked for, each once.
  public static func reported(_ metrics: [Metric], classes: Int) -> [Metric] {
    metrics.reduce(into: []) { chosen, metric in
      let metric = metric.reported(classes: classes)
      if !chosen.contains(metric) { chosen.append(metric) }
    }
  }

  /// The value of the metric that is reported for this one.
  ///
  /// - Parameter positive: the class of two that f1, precision and recall are of.
  public func value(of matrix: ConfusionMatrix, positive: Int = 1) -> Double {
    switch reported(classes: matrix.classes) {
    case .accuracy: matrix.accuracy
    case .f1: matrix.f1(.positive(positive))
    case .f1Macro: matrix.f1(.macro)
    case .f1Micro: matrix.f1(.micro)
    case .f1Weighted: matrix.f1(.weighted)
    case .precision: matrix.precision(.positive(positive))
    case .precisionMacro: matrix.precision(.macro)
    case .recall: matrix.recall(.positive(positive))
    case .recallMacro: matrix.recall(.macro)
    case .matthews: matrix.matthews
    }
  }
}
