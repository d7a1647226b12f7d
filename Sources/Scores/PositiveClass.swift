/// The class of two that f1, precision and recall are of.
public struct PositiveClass: Sendable, Equatable {
  public let index: Int
  public let name: String

  /// The second of two classes, known by its number alone.
  public static let second = PositiveClass(index: 1, name: "1")

  public init(index: Int, name: String) {
    precondition(0...1 ~= index, "class \(index) is not one of two classes")
    (self.index, self.name) = (index, name)
  }

  /// The class of this name, or the second one where no name is given; nil where there are not two classes, or none of
  /// this name. Classes that are only numbered are found as `LABEL_0`, `LABEL_1` and as 0, 1.
  public init?(_ wanted: String? = nil, among names: [String]) {
    guard names.count == 2 else { return nil }
    let numbers = [["0", "1"], ["LABEL_0", "LABEL_1"]]
    let found = wanted.map { wanted in
      names.firstIndex { $0.utf8.elementsEqual(wanted.utf8) }
        ?? (numbers.contains(names) ? numbers.lazy.compactMap { $0.firstIndex(of: wanted) }.first : nil)
    }
    guard let index = found ?? 1 else { return nil }
    self.init(index: index, name: names[index])
  }

  /// Whether a measure of this name is of the positive class where there are two classes.
  public static func isMeasured(by name: String) -> Bool {
    ClassMeasures.all(classes: 2).named(name).map { $0.isOfPositiveClass && $0.name == name } ?? false
  }
}
