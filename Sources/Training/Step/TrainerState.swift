import Optimizers
import Tensors

/// What a checkpoint holds of a trainer.
extension Trainer {
  /// Arenas that are the same on every rank, or of which each holds its part; each rank saves a share.
  package var jointArenas: [NamedArena] {
    var arenas = [NamedArena(kind: "weights", arena: parts.state.weights)]
    if parts.state.buffers.count > 0 { arenas.append(NamedArena(kind: "buffers", arena: parts.state.buffers)) }
    let isSharded = parts.shards != nil
    arenas += (outer?.state ?? parts.optimizer.state).map {
      NamedArena(kind: $0.name, arena: $0.arena, isSharded: isSharded)
    }
    return arenas + averageArenas(everywhere: true)
  }

  /// Arenas that each rank has for itself; each saves its own wholly.
  package var ownArenas: [NamedArena] {
    outer == nil ? [] : parts.optimizer.state.map { NamedArena(kind: $0.name, arena: $0.arena) }
  }

  /// Arenas that rank 0 alone keeps.
  package var rootArenas: [NamedArena] { replicas.isRoot ? averageArenas(everywhere: false) : [] }

  /// The remainders of this rank's sums that it has not yet sent the others.
  package var residuals: [NamedArena] {
    replicas.residual(parts.state.layout).map { [NamedArena(kind: "residual", arena: $0)] } ?? []
  }

  private func averageArenas(everywhere: Bool) -> [NamedArena] {
    parts.averages.filter { $0.isOnEveryRank == everywhere }.flatMap { average in
      average.checkpointArenas.map { NamedArena(kind: average.name + "_" + $0.name, arena: $0.arena) }
    }
  }

  /// Counters and scalars, prefixed with whose they are.
  package var checkpointValues: [String: Double] { values(of: parts.averages) }

  /// Those of them that are the same on every rank.
  var replicatedValues: [String: Double] { values(of: parts.averages.filter(\.isOnEveryRank)) }

  private func values(of averages: [any WeightAverage]) -> [String: Double] {
    var values: [String: Double] = [:]
    for (name, counter) in parts.optimizer.counters { values["optimizer." + name] = Double(counter) }
    for average in averages {
      for (name, value) in average.checkpointValues { values[average.name + "." + name] = value }
    }
    if let scaler = parts.scaler {
      values["scaler.scale"] = Double(scaler.state.scale)
      values["scaler.growth_tracker"] = Double(scaler.state.growthTracker)
    }
    return values
  }

  /// Takes back what `checkpointValues` gave; the arenas that go with it exist afterwards.
  package func restore(values: [String: Double], step: Int) throws {
    func own(_ prefix: String) -> [String: Double] {
      let pairs = values.filter { $0.key.hasPrefix(prefix + ".") }
      return Dictionary(uniqueKeysWithValues: pairs.map { (String($0.key.dropFirst(prefix.count + 1)), $0.value) })
    }
    self.step = step
    try parts.optimizer.restore(counters: own("optimizer").compactMapValues { Int(exactly: $0) })
    for average in parts.averages { average.checkpointValues = own(average.name) }
    let scaler = own("scaler")
    if let scale = scaler["scale"], let tracker = scaler["growth_tracker"].flatMap({ Int(exactly: $0) }) {
      try parts.scaler?.restore(GradientScaler.State(scale: Float(scale), growthTracker: tracker))
    }
  }
}
