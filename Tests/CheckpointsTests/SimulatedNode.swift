/// A file or directory of the simulated disk: what programs see, what lasts, and the changes in between.
final class Node {
  /// How much of what was not synchronized outlives a loss of power.
  enum Survival {
    case nothing, everything, random
  }

  let isDirectory: Bool
  /// A file's contents as programs see them.
  var bytes: [UInt8] = []
  /// A file's contents that outlive a loss of power.
  var lastingBytes: [UInt8] = []
  /// A directory's names as programs see them.
  private(set) var entries: [String: Node] = [:]

  private var lastingEntries: [String: Node] = [:]
  private var waitingWrites: [(offset: Int, bytes: [UInt8])] = []
  private var waitingChanges: [[(name: String, node: Node?)]] = []
  private var writePosition = 0

  init(isDirectory: Bool) {
    self.isDirectory = isDirectory
  }

  /// Makes the file at least `count` bytes long.
  func allocate(_ count: Int) {
    write([UInt8](repeating: 0, count: max(0, count - bytes.count)), at: bytes.count)
  }

  /// Writes after what was written before.
  func append(_ new: [UInt8]) {
    write(new, at: writePosition)
    writePosition += new.count
  }

  private func write(_ new: [UInt8], at offset: Int) {
    bytes.overwrite(at: offset, with: new)
    waitingWrites.append((offset, new))
  }

  /// Changes names, all of them at once: to a node, or to nothing.
  func change(_ names: [(name: String, node: Node?)]) {
    for (name, node) in names { entries[name] = node }
    waitingChanges.append(names)
  }

  /// Makes everything last that still waits.
  func synchronize() {
    for (offset, write) in waitingWrites { lastingBytes.overwrite(at: offset, with: write) }
    for (name, node) in waitingChanges.joined() { lastingEntries[name] = node }
    loseWaiting()
  }

  /// Forgets the changes that wait: they will not last, whatever is synchronized later, as after a failed fsync.
  func loseWaiting() {
    waitingWrites = []
    waitingChanges = []
  }

  /// Leaves what outlives a loss of power, here and below.
  func losePower(keep: Survival, _ generator: inout SeededGenerator) {
    switch keep {
    case .nothing: loseWaiting()
    case .everything: synchronize()
    case .random: tear(&generator)
    }
    bytes = lastingBytes
    entries = lastingEntries
    for name in entries.keys.sorted() { entries[name]?.losePower(keep: keep, &generator) }
  }

  /// Lets single blocks of the waiting writes last, in any order and some as garbage, and any of the waiting changes.
  private func tear(_ generator: inout SeededGenerator) {
    for (offset, write) in waitingWrites.shuffled(using: &generator) {
      for begin in stride(from: 0, to: write.count, by: SimulatedDisk.block) {
        let part = write[begin..<min(begin + SimulatedDisk.block, write.count)]
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: continue
        case 1:
          let garbage = part.map { _ in UInt8.random(in: 0...255, using: &generator) }
          lastingBytes.overwrite(at: offset + begin, with: garbage)
        default: lastingBytes.overwrite(at: offset + begin, with: Array(part))
        }
      }
    }
    for change in waitingChanges where Bool.random(using: &generator) {
      for (name, node) in change { lastingEntries[name] = node }
    }
    loseWaiting()
  }
}

extension [UInt8] {
  /// Puts `new` at `offset`; what lies between the end and the offset becomes zeros.
  fileprivate mutating func overwrite(at offset: Int, with new: [UInt8]) {
    self += [UInt8](repeating: 0, count: Swift.max(0, offset + new.count - count))
    replaceSubrange(offset..<offset + new.count, with: new)
  }
}
