/// Agreement of labels and predictions beyond chance, and accuracy by class.
extension ConfusionMatrix {
  /// The mean recall of the classes that have rows; NaN without rows.
  public var balancedAccuracy: Double {
    (0..<classes).filter { support($0) > 0 }.map { correct($0) / support($0) }.mean
  }

  /// Cohen's kappa: 1 - the weighted disagreement over that of independent labels and predictions.
  ///
  /// Cohen, Weighted kappa (1968). NaN where chance alone agrees: all labels and predictions of one class.
  ///
  /// - Parameter weight: how much a label (first) and a prediction disagree.
  func kappa(weight: (Int, Int) -> Double) -> Double {
    let supports = (0..<classes).map(support)
    let predictions = (0..<classes).map(predicted)
    var (observed, expected) = (0.0, 0.0)
    for label in 0..<classes {
      for prediction in 0..<classes {
        let weight = weight(label, prediction)
        observed += weight * Double(count(label: label, prediction: prediction))
        expected += weight * supports[label] * predictions[prediction]
      }
    }
    return expected == 0 ? .nan : 1 - observed * Double(total) / expected
  }
}
