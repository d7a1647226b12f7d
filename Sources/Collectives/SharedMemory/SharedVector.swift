/// Zeroed floats of this rank that the other ranks of its host reach too: sums of them are added up where they lie.
///
/// All ranks bring such memory to a sum, or none does. What a rank writes to it while a sum runs may be lost, as with any memory
/// that is lent to a group; after a failure it holds anything.
///
/// Unchecked Sendable: as a pointer is, whose owner sees to it that one thread at a time writes.
public final class SharedVector: @unchecked Sendable {
  public let pointer: UnsafeMutablePointer<Float>
  public let count: Int
  private let window: SharedWindow

  init?(count: Int, in window: SharedWindow) {
    guard let memory = window.takeVector(count * 4) else { return nil }
    pointer = memory.bindMemory(to: Float.self, capacity: count)
    self.count = count
    self.window = window
  }

  deinit { window.release(UnsafeMutableRawPointer(pointer), count * 4) }
}
