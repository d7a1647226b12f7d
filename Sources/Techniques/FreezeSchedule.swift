import Layers
import Recipes

/// Parts of the model that are frozen for some of the run, as a pure function of the step.
///
///     frozen at step t  =  always frozen  ∪  { paths of every entry with from ≤ t < until }
///
/// - Freezing lower layers first and thawing them later: Howard and Ruder, Universal language model fine-tuning for text
///   classification, arXiv:1801.06146.
/// - An entry has `paths` (modules or parameters; everything below them too), and `until_step` or `until_epoch`, `from_step`
///   or `from_epoch` (the beginning and the end of the run where they are missing; counted from 0).
/// - A frozen part has no gradient, no weight decay and no update, drops nothing and keeps its running statistics.
/// - Cost: less than nothing. Saves: nothing; a resumed run asks the step.
public struct FreezeSchedule: Sendable, Equatable {
  public struct Entry: Sendable, Equatable {
    public var paths: [String]
    /// Committed steps, from 0.
    public var steps: Range<Int>

    public init(paths: [String], steps: Range<Int>) {
      self.paths = paths
      self.steps = steps
    }
  }

  public let always: [String]
  public let entries: [Entry]

  public init(always: [String] = [], entries: [Entry]) {
    self.always = always
    self.entries = entries
  }

  /// Reads the list of entries; every path must name a part of the model.
  public init(_ sections: [Section], always: [String], state: ModelState, stepsPerEpoch: Int) throws {
    self.always = always
    entries = try sections.map { section in
      guard let paths = try section.strings("paths"), !paths.isEmpty else {
        throw section.error("paths", "is missing; name the modules or parameters to freeze")
      }
      let from = try Self.step("from", in: section, stepsPerEpoch) ?? 0
      let until = try Self.step("until", in: section, stepsPerEpoch) ?? Int.max
      try section.finish()
      guard from < until else {
        throw section.error("until_step", "is step \(until), not after the beginning at step \(from); give a later one")
      }
      if paths.contains("") {
        throw section.error(
          "paths", "names a part without a name; give a module or a parameter, or leave the entry out")
      }
      if let path = state.unmatched(paths).first {
        throw section.error("paths", "names \(path), which is not a module or parameter of the model; correct the name")
      }
      return Entry(paths: paths, steps: from..<until)
    }
  }

  private static func step(_ key: String, in section: Section, _ stepsPerEpoch: Int) throws -> Int? {
    let step = try section.integer("\(key)_step", atLeast: 0)
    let epoch = try section.integer("\(key)_epoch", atLeast: 0)
    if step != nil && epoch != nil {
      throw section.error("\(key)_step", "is given next to \(key)_epoch; keep one of them")
    }
    return step ?? epoch.map { $0 * stepsPerEpoch }
  }

  /// The steps at which something else may be frozen than before, the first of the run among them.
  public var changes: [Int] {
    Set([0] + entries.flatMap { [$0.steps.lowerBound, $0.steps.upperBound] }).subtracting([.max]).sorted()
  }

  /// What is frozen while committed step number `step` is computed.
  public func paths(at step: Int) -> [String] {
    always + entries.filter { $0.steps.contains(step) }.flatMap(\.paths)
  }
}

extension FreezeSchedule {
  /// What a recipe and the program know of it.
  package static let card = TechniqueCard(
    "freeze", .freezing,
    keys: [
      RecipeKey(
        "techniques.freeze", .mappings, or: .otherwise("model.freeze alone"),
        "what is frozen for some of the run (Howard and Ruder 2018)"),
      RecipeKey("techniques.freeze.paths", .texts, or: .required, "modules or parameters, and all below them"),
      RecipeKey(
        "techniques.freeze.from_step", .integer(atLeast: 0), or: .otherwise("the beginning"), "the first step, from 0"),
      RecipeKey(
        "techniques.freeze.from_epoch", .integer(atLeast: 0), or: .otherwise("the beginning"), "the same in epochs"),
      RecipeKey(
        "techniques.freeze.until_step", .integer(atLeast: 0), or: .otherwise("the end"),
        "the first step that is trained again"),
      RecipeKey("techniques.freeze.until_epoch", .integer(atLeast: 0), or: .otherwise("the end"), "the same in epochs"),
    ],
    notes: { $0.idleEntries },
    install: { techniques, installation in
      let entries = try techniques.sections("freeze")
      guard !entries.isEmpty else { return }
      let (parts, end) = (installation.parts, installation.totalSteps)
      let schedule = try FreezeSchedule(
        entries, always: installation.frozen, state: parts.state, stepsPerEpoch: parts.plan.stepsPerEpoch)
      installation.parts.frozenPaths = schedule.paths
      installation.parts.freezingChanges = schedule.changes
      installation.idleEntries = zip(entries, schedule.entries).filter { $1.steps.lowerBound >= end }.map {
        "\($0.path): never acts, it begins after step \($1.steps.lowerBound) and the run ends after step \(end);"
          + " lower its from_step or from_epoch"
      }
    }
  )
}
