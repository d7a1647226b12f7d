import Data
import Recipes
import Training

/// The classes of a run that starts from a trained model: those of its head where the rows' labels fit it, else the rows'.
///
/// A head scores classes in the order of its own names. Labels that are these names, or places among them, take that order;
/// otherwise the head's rows would be those of other classes, and it starts from random weights.
struct ClassOrder {
  /// The classes of the run.
  let scheme: LabelScheme
  /// The run's class of each class of the rows; nil where they are the same.
  let order: [Int32]?
  /// Whether the head's weights are not read.
  let isHeadNew: Bool
  let notes: [String]

  /// - Parameters:
  ///   - rows: what the rows say by themselves.
  ///   - present: the rows' classes that have rows.
  ///   - head: of the model that the run starts from, if any.
  /// - Throws: `RecipeError` where the recipe asks for what the rows and the head do not have.
  init(_ rows: LabelScheme, present: [Int32], head: TrainedHead?, _ recipe: Recipe) throws {
    let choice = try Self.choose(Labels(rows, present), head, recipe)
    (scheme, order, isHeadNew, notes) = (choice.scheme, choice.order, choice.isHeadNew, choice.notes)
    if let labels = recipe.model.labels, labels != scheme.classes {
      let names = Self.list(scheme.classNames)
      throw RecipeError(
        source: recipe.source, key: "model.labels",
        problem: "is \(labels), and the rows have \(scheme.classes) classes (\(names)); correct it or leave it out,"
          + " or raise data.limit")
    }
  }

  private init(_ scheme: LabelScheme, order: [Int32]? = nil, isHeadNew: Bool = false, notes: [String] = []) {
    (self.scheme, self.order, self.isHeadNew, self.notes) = (scheme, order, isHeadNew, notes)
  }

  private static func choose(_ labels: Labels, _ head: TrainedHead?, _ recipe: Recipe) throws -> ClassOrder {
    guard let head else { return ClassOrder(labels.scheme) }
    let wanted = recipe.model.headWeights
    func error(_ problem: String) -> RecipeError {
      RecipeError(source: recipe.source, key: "model.head_weights", problem: problem)
    }
    if wanted == .new {
      return ClassOrder(
        labels.scheme, isHeadNew: head.isTrained,
        notes: head.isTrained ? ["the head starts from random weights, as asked"] : [])
    }
    guard head.isTrained || wanted != .keep else {
      throw error("is keep, and \(head.path) has no head; leave it out")
    }
    let takesFewer = wanted == .keep || recipe.model.labels == head.names.count
    let isExpected = recipe.model.labels.map { $0 == head.names.count } ?? true
    if isExpected, let fit = labels.fit(head.names, takesFewer: takesFewer) { return fit }
    if isExpected, head.isTrained, labels.areNumbersOfNames(head.names) {
      let numbers = labels.names.prefix(20).joined(separator: ", ")
      throw RecipeError(
        source: recipe.source, key: "model.from",
        problem:
          "names its classes \(list(head.names)), and the rows' labels are \(numbers); write the names as labels,"
          + " or their places 0 to \(head.names.count - 1), or set model.head_weights: new")
    }
    let difference =
      isExpected
      ? "its classes are \(list(head.names)), and the rows' are \(list(labels.names))"
      : "its classes are \(list(head.names)), and model.labels is \(labels.scheme.classes)"
    if wanted == .keep {
      throw error("is keep, and the head of \(head.path) does not fit: \(difference); correct the labels, or take new")
    }
    guard head.isTrained else { return ClassOrder(labels.scheme) }
    let remedy = labels.fit(head.names, takesFewer: true) == nil ? "" : "; model.head_weights: keep would keep it"
    return ClassOrder(
      labels.scheme, isHeadNew: true,
      notes: ["the head of \(head.path) starts from random weights: \(difference)\(remedy)"])
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(10).joined(separator: ", ") + (names.count > 10 ? ", …" : "")
  }

  /// The classes that the rows have by themselves.
  private struct Labels {
    let scheme: LabelScheme
    let present: [Int32]

    init(_ scheme: LabelScheme, _ present: [Int32]) { (self.scheme, self.present) = (scheme, present) }

    /// Of the classes that have rows.
    var names: [String] { present.map { scheme.classNames[Int($0)] } }

    /// The run's classes if they are a head's; nil where the head does not fit.
    ///
    /// - Parameter takesFewer: whether rows of some of the head's classes are enough.
    func fit(_ head: [String], takesFewer: Bool) -> ClassOrder? {
      guard names.count == head.count || takesFewer else { return nil }
      let target = LabelSource.scheme(of: head, for: names)
      let places = names.map(target.place(of:))
      guard !places.contains(nil) else { return nil }
      var order = [Int32](repeating: 0, count: scheme.classes)
      for (own, place) in zip(present, places) { order[Int(own)] = place ?? 0 }
      return ClassOrder(target, order: order, notes: Self.announcement(target, places.compactMap(\.self)))
    }

    /// What numbers stand for, where the classes have names.
    private static func announcement(_ scheme: LabelScheme, _ places: [Int32]) -> [String] {
      guard case .indices(let names) = scheme else { return [] }
      let pairs = places.sorted().prefix(10).map { "\($0) is \(names[Int($0)])" }.joined(separator: ", ")
      return ["the labels are numbers, and stand for the model's classes: \(pairs)"]
    }

    /// Whether they are as many whole numbers as a head has names that are not numbers.
    func areNumbersOfNames(_ head: [String]) -> Bool {
      names.count == head.count && names.allSatisfy { Int($0) != nil } && !LabelSource.isNumbered(head)
        && !head.allSatisfy { Int($0) != nil }
    }
  }
}
