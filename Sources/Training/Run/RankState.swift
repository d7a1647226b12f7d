import Checkpoints

/// What each rank has for itself in a checkpoint: state that differs between ranks, as the moments of an optimizer between
/// outer steps do.
///
/// Each kind of it is saved once a rank, as `KIND.rank-N`. At another number of ranks, rank r takes that of rank r modulo
/// those that saved.
enum RankState {
  /// The arenas of the trainer under the names that they have for a rank.
  static func arenas(of trainer: Trainer, rank: Int) -> [NamedArena] {
    trainer.ownArenas.map { NamedArena(kind: "\($0.kind).rank-\(rank)", arena: $0.arena) }
  }

  /// Fills the trainer's own arenas.
  /// - Returns: what the user should know of it.
  static func read(_ reader: CheckpointReader, into trainer: Trainer) throws -> [String] {
    guard !trainer.ownArenas.isEmpty else { return [] }
    let kinds = Set(reader.kinds)
    let name = { (rank: Int) in arenas(of: trainer, rank: rank)[0].kind }
    let ranks = (0...).first { !kinds.contains(name($0)) } ?? 0
    let group = trainer.replicas.group
    for own in arenas(of: trainer, rank: group.rank % max(1, ranks)) {
      try reader.read(own.kind, own.arena.layout.forCheckpoint, into: own.arena.values)
    }
    guard ranks != group.size else { return [] }
    return [
      "the checkpoint holds what \(ranks) ranks had for themselves (\(trainer.ownArenas.map(\.kind).joined(separator: ", ")))"
        + " and there are \(group.size) now: rank r goes on with that of rank r modulo \(ranks)"
    ]
  }
}
