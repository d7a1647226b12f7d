import Layers
import Recipes
import Tensors
import Training

/// Which parameters an adversary moves, by name: `encoder.layer.0` means every parameter with those neighbouring components
/// in its name, never a piece of a word. `word_embeddings` means an encoder's table of words, whatever its family calls it.
public struct AdversaryTarget: Sendable, Equatable {
  public let name: String

  public init(_ name: String) { self.name = name }

  public func matches(_ parameter: String) -> Bool { ".\(parameter).".contains(".\(name).") }

  /// The parameters it names.
  ///
  /// Published code takes any name that contains the text, so that `emb` also moves position embeddings and a norm, and a
  /// text that matches nothing silently doubles the clean gradient. Here both are errors.
  /// - Parameter key: where the recipe names it, for the error.
  func resolve(in state: ModelState, section: Section, key: String) throws -> [Parameter] {
    var matching = state.parameters.filter { matches($0.name) }
    if matching.isEmpty, name == Self.words { matching = Self.embeddings(of: state).map(\.word.weight) }
    if matching.isEmpty {
      let near = state.parameters.map(\.name).filter { $0.contains(name) }.prefix(3)
      let advice = near.isEmpty ? "parameters of this model: " : "whole parts of names count, as in "
      let names = near.isEmpty ? examples(of: state) : near.joined(separator: ", ")
      throw section.error(key, "is \"\(name)\", which matches no parameter; \(advice)\(names)")
    }
    let trained = matching.filter { !$0.isFrozen }
    if trained.isEmpty {
      throw section.error(
        key, "is \"\(name)\", but \(matching[0].name) is frozen and has no gradient; thaw it or choose another target")
    }
    return trained
  }

  static let words = "word_embeddings"

  /// The token embeddings of a text model.
  static func embeddings(of state: ModelState) -> [TokenEmbeddings] {
    state.modules(of: TokenEmbeddings.self).map(\.module)
  }

  private func examples(of state: ModelState) -> String {
    state.parameters.map(\.name).prefix(3).joined(separator: ", ") + " …"
  }
}

extension AttackNorm {
  static func key(_ path: String) -> RecipeKey {
    RecipeKey(
      path, .choice(of: AttackNorm.self), or: "l2", "how a move is measured",
      why: "l2: along g / ‖g‖, in a round ball; max: along the sign of g, each element up to epsilon")
  }

  /// Reads `norm`.
  init(_ section: Section) throws { self = try section.choice("norm", default: .euclidean) }

  /// A length that this norm measures. Its default is that of the Euclidean norm; of the largest element there is none.
  func length(_ key: String, default fallback: Double, in section: Section) throws -> Double {
    let length = try section.positive(key, default: fallback)
    if self == .largest, !section.contains(key) {
      throw section.error(key, "is missing; with norm max it is how far each element moves, such as 0.01")
    }
    return length
  }
}

/// Recipe keys that FGM and PGD share: what is attacked.
struct AttackTarget {
  let surface: ParameterSurface?
  let scope: AdversaryScope

  /// Reads `target` (`word_embeddings`) and `scope` (`batch`).
  init(_ section: Section, state: ModelState) throws {
    scope = try section.choice("scope", default: .batch)
    let target = AdversaryTarget(try section.string("target", default: AdversaryTarget.words))
    guard scope == .example else {
      surface = ParameterSurface(try target.resolve(in: state, section: section, key: "target"))
      return
    }
    guard target.name == AdversaryTarget.words, !AdversaryTarget.embeddings(of: state).isEmpty else {
      throw section.error(
        "scope", "is \"example\", which moves embedded tokens; leave target out, and use it with a text model alone")
    }
    surface = nil
  }

  init(parameters: [Parameter], scope: AdversaryScope) {
    precondition(scope == .example || !parameters.isEmpty, "an adversary without a target attacks nothing")
    surface = scope == .example ? nil : ParameterSurface(parameters)
    self.scope = scope
  }

  /// The surface of one attack, displacements zero.
  func surface(of attack: Attack) -> any AttackSurface {
    if let surface {
      surface.reset()
      return surface
    }
    guard let probe = attack.probe else { preconditionFailure("an attack on examples came without their probe") }
    return ExampleSurface(probe: probe)
  }
}

extension AttackTarget {
  static func targetKey(_ path: String) -> RecipeKey {
    RecipeKey(
      path, .text, or: "word_embeddings", "which parameters are moved, by whole parts of names",
      why: "the papers' choice; one that matches nothing is refused")
  }

  static func scopeKey(_ path: String) -> RecipeKey {
    RecipeKey(
      path, .choice(of: AdversaryScope.self), or: "batch", "whose gradient is followed",
      why:
        "batch: what published code does on one device, whatever the number of ranks; microbatch: without a further sum; "
        + "example: each row's own, as in Miyato et al. 2016")
  }
}
