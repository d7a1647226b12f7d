import Data

extension LabelSource {
  /// The class of each label; nil for one that has none.
  static func places(of labels: [String], among names: [String]) -> [Int?] {
    let scheme = Self.scheme(of: names, for: labels)
    // Models whose classes are only numbered call them LABEL_0, LABEL_1 ….
    let isCounted = names == names.indices.map { String($0) } && labels.allSatisfy { $0.hasPrefix("LABEL_") }
    return labels.map { scheme.place(of: isCounted ? String($0.dropFirst(6)) : $0).map(Int.init) }
  }
}

extension TargetCells {
  /// The probability that a text of a row is.
  ///
  /// - Parameter name: of the column or class; nil in a list.
  func probability(_ text: String, of name: String?, _ row: Int) throws -> Double {
    if let value = WholeNumber.decimal(text), 0...1 ~= value { return value }
    let name = name.map { " of \($0.debugDescription)" } ?? ""
    throw error(
      row: row, "label \(text.debugDescription)\(name) is not a probability",
      remedy: "write a number from 0 to 1, or leave the row out")
  }
}
