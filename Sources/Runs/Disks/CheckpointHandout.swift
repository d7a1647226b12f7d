import Checkpoints
import Collectives
import DataParallel

/// On separate disks: the newest checkpoint that any of them holds, brought to all others, from where each rank reads it as usual.
///
/// Rank 0 has the checkpoints that it wrote; but it may run on another host than it did when they were written.
struct CheckpointHandout {
  let store: CheckpointStore
  let replicas: DataParallelGroup
  let sharing: OutputSharing

  /// Bytes that travel at once.
  private static let piece = 4 << 20

  /// All ranks together.
  /// - Returns: what the user should know of it.
  /// - Throws: where a disk cannot be read or written.
  func run() throws -> [String] {
    var notes: [String] = []
    let newest = Result { try sharing.isFirst ? newestValid(&notes) : nil }
    let claims = try agreed(newest.map { Array($0.map { "\($0.step) \($0.digest)" }?.utf8 ?? "".utf8) }, "claims")
      .map { claim in String(decoding: claim, as: UTF8.self).split(separator: " ") }
    let steps = claims.map { $0.first.flatMap { Int($0) } ?? -1 }
    guard let step = steps.max(), step >= 0, let holder = steps.firstIndex(of: step) else { return notes }
    let own = try newest.get()
    let isWanted = sharing.isFirst && own.map { String($0.digest) } != claims[holder].last.map(String.init)
    let wanted = try agreed(.success([isWanted ? 1 : 0]), "wants")
    guard wanted.contains([1]) else { return notes }
    try hand(out: holder == replicas.rank ? own : nil, step: step, from: holder, isWanted: isWanted)
    let disks = wanted.count { $0 == [1] }
    let hosts = replicas.hosts
    return notes + [
      "the checkpoint of step \(step) came from \(hosts[holder]) to \(disks == 1 ? "1 other disk" : "\(disks) other disks")"
    ]
  }

  private func newestValid(_ notes: inout [String]) throws -> Checkpoint? {
    let found = try store.newestValid()
    for rejection in found.rejected {
      try store.quarantine(rejection.name)
      notes.append("\(rejection.name) is put aside: \(rejection.why)")
    }
    return found.checkpoint
  }

  /// The holder reads, those who want it write, all the others let it pass by.
  private func hand(out checkpoint: Checkpoint?, step: Int, from holder: Int, isWanted: Bool) throws {
    let source = Result { try checkpoint.map { try CheckpointSource($0, in: store) } }
    let text = source.map { $0.map { FileRecord.encode($0.files) } ?? [] }
    let files = try FileRecord.decode(agreed(text, "files")[holder], from: "rank \(holder)")
    var copy = Result { try isWanted ? store.copy(step: step) : nil }
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.piece, alignment: 64)
    defer { room.deallocate() }
    var reading = Result<Void, any Error>.success(())
    for file in files {
      for offset in stride(from: 0, to: file.bytes, by: Self.piece) {
        let piece = UnsafeMutableRawBufferPointer(rebasing: room.prefix(file.bytes - offset))
        if let source = try source.get() {
          reading = reading.flatMap { Result { try source.read(file, at: offset, into: piece) } }
        }
        try replicas.group.broadcast(piece, root: holder, name: file.name, step: step)
        copy = copy.flatMap { copy in
          Result {
            try copy?.append(UnsafeRawBufferPointer(piece), to: file, at: offset)
            return copy
          }
        }
      }
    }
    let written = reading.flatMap { copy }.flatMap { copy in
      Result {
        try copy?.commit()
        return [UInt8]()
      }
    }
    if case .failure = written, case .success(let copy) = copy { copy?.abandon() }
    _ = try agreed(written, "copied")
  }

  private func agreed(_ own: Result<[UInt8], any Error>, _ what: String) throws -> [[UInt8]] {
    try replicas.exchange(own, name: "checkpoint handout: \(what)", step: 0).get()
  }
}
