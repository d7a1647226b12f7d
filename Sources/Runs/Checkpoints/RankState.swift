import Checkpoints
import Training

/// What each rank has for itself in a checkpoint: moments of an optimizer between outer steps, residuals of compressed sums.
///
/// Each kind of it is saved once a rank, as `KIND.rank-N`. At another number of ranks, rank r takes the moments of rank r
/// modulo those that saved. Residuals are parts of one sum: a rank that was not there has none, and those of a rank that is
/// not there any more are lost.
enum RankState {
  /// The arenas of the trainer under the names that they have for a rank.
  static func arenas(of trainer: Trainer, rank: Int) -> [NamedArena] {
    named(trainer.ownArenas + trainer.residuals, rank)
  }

  private static func named(_ arenas: [NamedArena], _ rank: Int) -> [NamedArena] {
    arenas.map { NamedArena(kind: "\($0.kind).rank-\(rank)", arena: $0.arena) }
  }

  /// Fills the trainer's own arenas.
  /// - Returns: what the user should know of it.
  static func read(_ reader: CheckpointReader, into trainer: Trainer) throws -> [String] {
    let group = trainer.replicas.group
    let kinds = Set(reader.kinds)
    let ranks = (0...).first { rank in !kinds.contains { $0.hasSuffix(".rank-\(rank)") } } ?? 0
    guard ranks > 0 else { return [] }
    let residuals = group.rank < ranks ? named(trainer.residuals, group.rank) : []
    for own in named(trainer.ownArenas, group.rank % ranks) + residuals {
      try reader.read(own.kind, own.arena.layout.forCheckpoint, into: own.arena.values)
    }
    guard ranks != group.size else { return [] }
    return [
      "the checkpoint is of \(ranks) ranks, each with its own moments and residuals, and there are \(group.size) ranks now: each"
        + " rank r continues with the moments of rank r modulo \(ranks), and ranks from \(ranks) on without residuals"
    ]
  }
}
