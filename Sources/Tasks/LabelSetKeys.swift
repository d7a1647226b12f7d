import Recipes

/// The keys of section `task` that a multi-label task reads, before it has seen a row.
struct LabelSetKeys {
  /// How much a label that a row has counts.
  enum PositiveWeight {
    case balanced
    case one(Double)
    case each([Double])
  }

  let separator: String?
  let asymmetry: AsymmetricLoss?
  let positive: PositiveWeight?
  /// One for all labels, or one a label.
  let thresholds: [Double]
  /// Whether thresholds are chosen on the validation rows.
  let isTuned: Bool
  private let section: Section

  init(_ section: Section) throws {
    self.section = section
    separator = try section.string("separator")
    if separator == "" {
      throw section.error("separator", "is empty; give what stands between the labels of a cell, or leave it out")
    }
    let asymmetric = try AsymmetricLoss(section.section(orEmpty: "asymmetric"))
    asymmetry = section.contains("asymmetric") ? asymmetric : nil
    positive = try Self.positive(section)
    isTuned = !section.isList("threshold") && (try? section.string("threshold")) == "tuned"
    thresholds = isTuned ? [0.5] : try Self.thresholds(section)
    try section.finish()
    if asymmetry != nil, positive != nil {
      throw section.error(
        "pos_weight", "is given next to asymmetric, which replaces the cross entropy; keep one of them")
    }
  }

  private static func positive(_ section: Section) throws -> PositiveWeight? {
    let isList = section.isList("pos_weight")
    let list = isList || !section.contains("pos_weight") ? try section.numbers("pos_weight") : nil
    let text = isList ? nil : try? section.string("pos_weight")
    guard let list else {
      if text == "balanced" { return .balanced }
      return try section.positive("pos_weight").map(PositiveWeight.one)
    }
    guard !list.isEmpty, list.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw section.error("pos_weight", "is not a list of numbers above 0; give one a label")
    }
    return .each(list)
  }

  private static func thresholds(_ section: Section) throws -> [Double] {
    let isList = section.isList("threshold")
    let list = isList || !section.contains("threshold") ? try section.numbers("threshold") : nil
    guard isList else { return [try section.number("threshold", default: 0.5, in: 0...1)] }
    guard let list, !list.isEmpty, list.allSatisfy({ 0...1 ~= $0 }) else {
      throw section.error("threshold", "is not a list of probabilities; give one a label")
    }
    return list
  }

  /// A threshold a label.
  /// - Throws: `RecipeError` where the list is of another number.
  func thresholds(of labels: Int) throws -> [Double] {
    guard section.isList("threshold") else { return [Double](repeating: thresholds[0], count: labels) }
    guard thresholds.count == labels else {
      throw section.error("threshold", "holds \(thresholds.count) probabilities for \(labels) labels; give one a label")
    }
    return thresholds
  }

  /// A weight a label; nil where each is 1.
  ///
  /// - Parameter targets: [rows × labels], of the training rows.
  func positiveWeights(of labels: Int, _ targets: [Float]) throws -> [Double]? {
    switch positive {
    case nil: return nil
    case .one(let weight): return [Double](repeating: weight, count: labels)
    case .each(let weights):
      guard weights.count == labels else {
        throw section.error("pos_weight", "holds \(weights.count) weights for \(labels) labels; give one a label")
      }
      return weights
    case .balanced:
      return (0..<labels).map { label in
        let known = stride(from: label, to: targets.count, by: labels).map { targets[$0] }.filter { !$0.isNaN }
        let positive = known.count { $0 == 1 }
        return positive == 0 || positive == known.count ? 1 : Double(known.count - positive) / Double(positive)
      }
    }
  }
}
