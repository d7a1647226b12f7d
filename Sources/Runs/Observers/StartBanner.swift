import Console

/// What a run is about to do, for its user to see at the start whether it is what was meant.
public struct StartBanner: Sendable, Equatable {
  public var rows = 0
  /// Nil for no validation.
  public var validationRows: Int?
  /// What there is to learn; nil for as many classes as have names.
  public var targets: String?
  /// The name of each class or label, and the training rows of it.
  public var classes: [(name: String, rows: Int)] = []
  public var trainedWeights = 0
  public var frozenWeights = 0
  public var totalSteps = 0
  public var stepsPerEpoch = 1
  public var batch = 0
  public var microbatch = 0
  public var ranks = 1
  public var threads = 1
  public var precision = ""
  /// The kernels that OpenBLAS chose; empty where products are portable.
  public var kernels = ""
  public var output = ""

  public init() {}

  public static func == (a: StartBanner, b: StartBanner) -> Bool {
    a.lines(fromStep: 0) == b.lines(fromStep: 0)
  }

  /// Five lines.
  /// - Parameter fromStep: the committed steps of the checkpoint that the run is resumed from, or 0.
  public func lines(fromStep: Int) -> [String] {
    [
      "rows        \(rows.grouped) to train, \(validationRows.map { "\($0.grouped) to validate" } ?? "none to validate"); \(targetText)",
      "parameters  \((trainedWeights + frozenWeights).grouped): \(trainedWeights.grouped) trained, \(frozenWeights.grouped) frozen",
      "steps       \(stepText), batch \(batch) in microbatches of \(microbatch)",
      "ranks       \(ranks) × \(threads.of("thread")), \(precision), \(kernels.isEmpty ? "portable products" : "OpenBLAS kernels \(kernels)")",
      "output      \(output)" + (fromStep > 0 ? ", resumed after step \(fromStep)" : ""),
    ]
  }

  private static let shownClasses = 8

  /// The classes and the rows of each, or what else there is to learn.
  package var targetText: String {
    let shown = classes.prefix(Self.shownClasses).map { "\($0.name) (\($0.rows.grouped))" }.joined(separator: ", ")
    let hidden = classes.count - Self.shownClasses
    let text = targets ?? classes.count.of("class", "classes")
    return classes.isEmpty ? text : "\(text): \(shown)" + (hidden > 0 ? " and \(hidden) more" : "")
  }

  private var stepText: String {
    if totalSteps % stepsPerEpoch == 0 {
      let epochs = (totalSteps / stepsPerEpoch).of("epoch")
      return "\(epochs) × \(stepsPerEpoch.of("step")) = \(totalSteps.grouped)"
    }
    let epochs = (Double(totalSteps) / Double(stepsPerEpoch)).text(decimals: 2)
    return "\(totalSteps.grouped), \(epochs) epochs of \(stepsPerEpoch.of("step"))"
  }
}
