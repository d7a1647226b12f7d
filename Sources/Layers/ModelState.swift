import Foundation
import Support
import Tensors

/// The arenas of a model: its weights and its running states, laid out in the order of declaration and bound to it.
///
/// Everything that passes over weights (reducing, updating, averaging, saving, hashing) passes over these arenas.
public final class ModelState {
  public let parameters: [Parameter]
  public let states: [RunningState]
  public let weights: Arena
  public let buffers: Arena

  /// In the order of declaration; each one's `site` is its place here.
  public let batchNorms: [BatchNorm]

  private let dropouts: [(path: String, dropout: Dropout)]
  private let modules: [(path: String, module: any Module)]

  public var layout: ArenaLayout { weights.layout }

  /// Lays out the arenas of a model and draws the first weights: functions of the seed and each parameter's name.
  public init(_ model: any Module, seed: UInt64) {
    var parameters: [(String, Parameter)] = []
    var states: [(String, RunningState)] = []
    var dropouts: [(path: String, dropout: Dropout)] = []
    var modules: [(path: String, module: any Module)] = []
    walk(model) { path, leaf in
      switch leaf {
      case .parameter(let parameter): parameters.append((path, parameter))
      case .state(let state): states.append((path, state))
      case .dropout(let dropout): dropouts.append((path, dropout))
      case .module(let module): modules.append((path, module))
      }
    }
    weights = Arena(layout: ArenaLayout(parameters.map { ($0.0, $0.1.shape) }))
    buffers = Arena(layout: ArenaLayout(states.map { ($0.0, $0.1.shape) }))
    self.parameters = parameters.map(\.1)
    self.states = states.map(\.1)
    self.dropouts = dropouts
    self.modules = modules
    for (index, entry) in dropouts.enumerated() { entry.dropout.site = UInt32(index) }
    batchNorms = modules.compactMap { $0.module as? BatchNorm }
    for (index, norm) in batchNorms.enumerated() { norm.site = index }
    for ((name, parameter), slice) in zip(parameters, weights.layout.slices) {
      parameter.bind(name: name, values: weights.pointer + slice.offset)
      parameter.home = weights
      parameter.initialize(seed: seed)
    }
    for ((name, state), slice) in zip(states, buffers.layout.slices) {
      state.bind(name: name, values: buffers.pointer + slice.offset)
      state.home = buffers
      state.values.update(repeating: state.initialValue)
    }
  }

  /// Starts a new sum of gradients in `arena`: what it holds is overwritten.
  public func beginGradients(in arena: Arena) {
    require(
      arena.count == weights.count, "a gradient arena of \(arena.count), weights of \(weights.count) elements")
    for (parameter, slice) in zip(parameters, layout.slices) {
      parameter.beginGradient(at: arena.pointer + slice.offset)
    }
  }

  /// Ends the sum: parameters that nothing contributed to, frozen ones among them, have gradient zero.
  public func endGradients() {
    for parameter in parameters { parameter.endGradient() }
  }

  /// Runs `body` with the model reading its weights (and states) from other arenas, which the optimizer never sees.
  ///
  /// Nothing is copied, and the model is back at its own weights however `body` ends.
  public func withWeights<Result>(
    _ other: Arena, buffers otherBuffers: Arena? = nil, _ body: () throws -> Result
  ) rethrows -> Result {
    let otherBuffers = otherBuffers ?? buffers
    require(
      other.count == weights.count && otherBuffers.count == buffers.count,
      "arenas of \(other.count) and \(otherBuffers.count) elements for a model of \(weights.count), \(buffers.count)")
    // Where the model reads now: perhaps displaced weights of an adversary, with a teacher's forward within.
    let former = (parameters.map(\.pointer), states.map(\.values.baseAddress!))
    bind(
      layout.slices.map { other.pointer + $0.offset }, buffers.layout.slices.map { otherBuffers.pointer + $0.offset })
    defer { bind(former.0, former.1) }
    return try body()
  }

  /// Runs `body` with a few parameters reading their values, under their names, from another arena.
  public func withParameters<Result>(
    _ chosen: [Parameter], readFrom other: Arena, _ body: () throws -> Result
  ) rethrows -> Result {
    let former = chosen.map(\.pointer)
    for parameter in chosen {
      guard let slice = other.layout[parameter.name], slice.shape == parameter.shape else {
        fatalError("\(parameter.name) of shape \(parameter.shape) is not in the other arena")
      }
      parameter.bind(name: parameter.name, values: other.pointer + slice.offset)
    }
    defer { for (parameter, pointer) in zip(chosen, former) { parameter.bind(name: parameter.name, values: pointer) } }
    return try body()
  }

  private func bind(_ weights: [UnsafeMutablePointer<Float>], _ buffers: [UnsafeMutablePointer<Float>]) {
    for (parameter, pointer) in zip(parameters, weights) { parameter.bind(name: parameter.name, values: pointer) }
    for (state, pointer) in zip(states, buffers) { state.bind(name: state.name, values: pointer) }
  }

  /// Freezes exactly the modules and parameters whose path is one of `paths` or lies below one, thaws the others.
  ///
  /// A frozen parameter has no gradient and is not updated; frozen dropout drops nothing; frozen batch norm uses and keeps
  /// its running statistics. Calling it again with other paths is how a schedule thaws.
  /// - Returns: the paths that match nothing, for an error that names them.
  @discardableResult
  public func freeze(_ paths: [String]) -> [String] {
    func isFrozen(_ path: String) -> Bool { paths.contains { isWithin($0, path) } }
    for (parameter, slice) in zip(parameters, layout.slices) { parameter.isFrozen = isFrozen(slice.name) }
    for (path, dropout) in dropouts { dropout.isFrozen = isFrozen(path) }
    for (path, module) in modules { (module as? any Freezable)?.isFrozen = isFrozen(path) }
    return unmatched(paths)
  }

  /// The paths that name neither a parameter nor a module.
  public func unmatched(_ paths: [String]) -> [String] {
    let names = layout.slices.map(\.name) + dropouts.map(\.path) + modules.map(\.path)
    return paths.filter { path in !names.contains { isWithin(path, $0) } }
  }

  private func isWithin(_ path: String, _ name: String) -> Bool { name == path || name.hasPrefix(path + ".") }

  /// Every dropout site with its path, for checks such as R-Drop's need of at least one.
  public var dropoutProbabilities: [(path: String, probability: Double)] {
    dropouts.map { ($0.path, $0.dropout.probability) }
  }

  /// Every module of one type, with its path.
  public func modules<Kind>(of type: Kind.Type) -> [(path: String, module: Kind)] {
    modules.compactMap { entry in (entry.module as? Kind).map { (entry.path, $0) } }
  }
}

extension Parameter {
  /// Draws the first values: a function of the seed and the name.
  func initialize(seed: UInt64) {
    let stream = RandomStream(seed: seed, purpose: .initialization, site: FNV1a.short(name))
    switch initializer {
    case .zeros: values.update(repeating: 0)
    case .ones: values.update(repeating: 1)
    case .normal(let deviation):
      stream.fillNormal(values)
      for index in values.indices { values[index] *= deviation }
    case .uniform(let bound):
      stream.fillUniform(values)
      for index in values.indices { values[index] = (2 * values[index] - 1) * bound }
    case .sinusoids: fillSinusoids()
    }
  }
}

extension Parameter {
  fileprivate func fillSinusoids() {
    let columns = shape[1]
    for index in values.indices {
      let (row, column) = (index / columns, index % columns)
      let angle = Double(row) / PortableFunctions.pow(10_000, Double(column / 2 * 2) / Double(columns))
      values[index] = Float(column.isMultiple(of: 2) ? PortableFunctions.sin(angle) : PortableFunctions.cos(angle))
    }
  }
}
