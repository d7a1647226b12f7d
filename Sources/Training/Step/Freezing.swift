import Layers

/// The parts of a model that are not trained.
public struct Freezing: Sendable, Equatable {
  /// Modules and parameters, as the recipe names them.
  public var paths: [String]
  /// Elements of all frozen parameters, and of all parameters.
  public var frozen: Int
  public var total: Int

  /// - Parameter state: of a model where those paths are frozen at the moment.
  public init(_ paths: [String], of state: ModelState) {
    self.paths = paths
    let sizes = state.parameters.map { (isFrozen: $0.isFrozen, count: $0.shape.count) }
    frozen = sizes.reduce(0) { $0 + ($1.isFrozen ? $1.count : 0) }
    total = sizes.reduce(0) { $0 + $1.count }
  }
}

extension Freezing: CustomStringConvertible {
  public var description: String {
    paths.isEmpty ? "nothing" : paths.joined(separator: ", ") + " (\(frozen) of \(total) weights)"
  }
}
