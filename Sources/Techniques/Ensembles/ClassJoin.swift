import Support
import Text

/// The classes, labels or values of several models, joined by name.
struct ClassJoin {
  /// In the order that all are brought to; nil where no file names the class.
  private(set) var names: [String?]
  /// For each model where it has each class; nil where its order is that one.
  private(set) var places: [[Int]?]

  /// Where each of these classes stands in an order of the same classes; nil where the classes are others.
  static func places(of classes: [String], in order: [String]) -> [Int]? {
    guard classes.count == order.count else { return nil }
    let places = Dictionary(zip(order.map(ByteString.init), order.indices)) { first, _ in first }
    let found = classes.compactMap { places[ByteString($0)] }
    return Set(found).count == classes.count ? found : nil
  }

  /// Brings models to the order of a reference, by default the first of them that names its classes, or else the first.
  ///
  /// Models that name their classes are joined by name. The others are joined by place, which is refused where a name stands
  /// in two places.
  /// - Throws: `EnsembleError` where classes differ.
  init(_ models: [Predictions], reference given: (names: [String?], areNamed: Bool, source: String)? = nil) throws {
    let first = models.first(where: \.areClassesNamed) ?? models[0]
    var reference = given ?? (first.labels, first.areClassesNamed, first.source)
    places = []
    for model in models {
      guard model.classes == reference.names.count else {
        throw EnsembleError(
          model.source, nil,
          "has \(model.classes) \(model.form.noun), and \(reference.source) has \(reference.names.count)",
          "use models of the same \(model.form.noun)")
      }
      guard model.areClassesNamed, reference.areNamed else {
        try Self.mergeByPlace(model, into: &reference.names, of: reference.source)
        places.append(nil)
        continue
      }
      let (own, others) = (model.labels.compactMap(\.self), reference.names.compactMap(\.self))
      guard let found = Self.places(of: others, in: own) else {
        throw EnsembleError(
          model.source, nil,
          "has the \(model.form.noun) \(named(own, most: 20)), and \(reference.source) \(named(others, most: 20))",
          "use models of the same \(model.form.noun)")
      }
      places.append(own.haveSameBytes(as: others) ? nil : found)
    }
    names = reference.names
  }

  private static func mergeByPlace(_ model: Predictions, into names: inout [String?], of source: String) throws {
    for (place, name) in model.labels.enumerated() {
      guard let name else { continue }
      let known = names.firstIndex { $0?.hasSameBytes(as: name) == true }
      guard known ?? place == place, (names[place] ?? name).hasSameBytes(as: name) else {
        let other =
          known.map { "in place \($0 + 1)" } ?? "\(names[place]!.debugDescription) there"
        throw EnsembleError(
          model.source, nil,
          "has the class \(name.debugDescription) in place \(place + 1), and \(source) has \(known == nil ? "" : "it ")"
            + other, "write both again with lockstep predict, which names the classes")
      }
      names[place] = name
    }
  }
}
