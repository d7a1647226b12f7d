import Checkpoints
import Testing

/// A small training state whose every number depends on the step, so that a mixture of two steps shows.
struct ExampleState: Equatable {
  static let kinds = ["first_moment", "weights"]
  /// Three tensors, with padding before and between them in the arena.
  static let layout = StateLayout([
    (name: "embeddings.weight", shape: [7, 5], offset: 16), (name: "bias", shape: [5], offset: 64),
    (name: "scale", shape: [], offset: 80),
  ])

  let step: Int
  private(set) var arenas: [String: [Float]] = [:]

  init(step: Int) {
    self.step = step
    for (number, kind) in Self.kinds.enumerated() {
      var values = [Float](repeating: 0, count: 81)
      for slot in Self.layout.slots {
        for index in slot.offset..<slot.offset + slot.packed.count {
          values[index] = Float(step * 1000 + number * 100 + index)
        }
      }
      arenas[kind] = values
    }
  }

  var text: [UInt8] { Array("{\"step\":\(step)}".utf8) }

  /// Calls `body` with the arenas; their memory is valid during the call.
  func withArenas<Result>(_ body: ([StateArena]) throws -> Result) rethrows -> Result {
    let buffers = Self.kinds.map { kind in
      let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: 81)
      _ = buffer.initialize(from: arenas[kind] ?? [])
      return buffer
    }
    defer { buffers.forEach { $0.deallocate() } }
    return try body(
      zip(Self.kinds, buffers).map { StateArena(kind: $0, layout: Self.layout, values: UnsafeBufferPointer($1)) })
  }

  /// Writes and commits this state by `ranks` ranks, one after the other; abandons it on an error.
  @discardableResult
  func commit(to store: CheckpointStore, ranks: Int = 1, score: Double? = nil) throws -> Checkpoint {
    let pending = try store.begin(step: step)
    do {
      let records = try (0..<ranks).flatMap { rank in
        let joined = try store.join(step: step, name: pending.name)
        let records = try withArenas { try joined.write($0, rank: rank, of: ranks) }
        return try FileRecord.decode(FileRecord.encode(records), from: "rank \(rank)")
      }
      let layouts = Dictionary(uniqueKeysWithValues: Self.kinds.map { ($0, Self.layout) })
      return try store.commit(pending, records: records, layouts: layouts, state: text, score: score)
    } catch {
      store.abandon(pending)
      throw error
    }
  }

  /// Whether the checkpoint holds exactly this state.
  func isHeld(by checkpoint: Checkpoint, in store: CheckpointStore) throws -> Bool {
    let reader = try store.load(checkpoint)
    guard reader.kinds == Self.kinds, try reader.state() == text, checkpoint.step == step else { return false }
    return try Self.kinds.allSatisfy { kind in
      var values = [Float](repeating: 0, count: 81)
      try values.withUnsafeMutableBufferPointer { try reader.read(kind, Self.layout, into: $0) }
      return values == arenas[kind]
    }
  }
}
