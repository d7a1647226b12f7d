import Tensors
import Training

/// On separate disks: what each rank has for itself, brought to rank 0, which writes it.
///
/// What all ranks hold alike rank 0 has already; nothing of it travels.
final class GatheredState {
  /// On rank 0 the memory for what the other ranks bring; on the others one piece of memory that passes it on.
  private var memory: [String: Arena] = [:]

  /// All ranks' own arenas, on rank 0; all ranks together. They stay as they are until the next call.
  func arenas(of trainer: Trainer) throws -> [NamedArena] {
    let replicas = trainer.replicas
    let all = try (0..<replicas.size).flatMap { rank in
      try RankState.arenas(of: trainer, rank: rank).map { own in
        let arena = rank == replicas.rank ? own.arena : room(for: own, isKept: replicas.isRoot)
        // Rank 0 has its own.
        if rank > 0 { try replicas.broadcast(arena, from: rank, name: own.kind, step: trainer.step) }
        return NamedArena(kind: own.kind, arena: arena)
      }
    }
    return replicas.isRoot ? all : []
  }

  private func room(for own: NamedArena, isKept: Bool) -> Arena {
    let key = isKept ? own.kind : "\(own.arena.count)"
    let arena = memory[key] ?? Arena(layout: own.arena.layout)
    memory[key] = arena
    return arena
  }
}
