/// A score by the name that recipes, metrics.jsonl and the command line give it.
public enum Metric: String, Sendable, CaseIterable, Codable {
  case accuracy
  /// Of class 1 where there are two classes, otherwise the macro average; so too `precision` and `recall`.
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

  public func value(of matrix: ConfusionMatrix) -> Double {
    let usual: ClassAverage = matrix.classes == 2 ? .binary : .macro
    return switch self {
    case .accuracy: matrix.accuracy
    case .f1: matrix.f1(usual)
    case .f1Macro: matrix.f1(.macro)
    case .f1Micro: matrix.f1(.micro)
    case .f1Weighted: matrix.f1(.weighted)
    case .precision: matrix.precision(usual)
    case .precisionMacro: matrix.precision(.macro)
    case .recall: matrix.recall(usual)
    case .recallMacro: matrix.recall(.macro)
    case .matthews: matrix.matthews
    }
  }
}
