import CSystem
import Glibc

/// Memory of one rank that all ranks of its host read: what it brings to a sum, and the part of the sum that it computes.
///
///     0 nonce, 32 bytes | 64 port of the doorbell | 128 state | 192 staged | 256 summed | 320 copied | 384 asleep
///     1024 a tag for each slot: number and signature of the operation | 4096 stage slots | result slots
///
/// Only its owner writes to it. A word is a line of its own, so that one rank's progress does not slow another's.
///
/// Unchecked Sendable: words are read and written atomically; slots are written by the owner while no counter lets anyone
/// read them.
final class SharedSegment: @unchecked Sendable {
  /// Pieces under way at once.
  static let slots = 4
  /// Bytes of a slot: few enough that all slots stay in the cache, many enough that a rank which the system interrupts finds
  /// work when it comes back, and does not hold up the others at every piece.
  static let slotBytes = 512 << 10
  private static let headerBytes = 4096
  private static let bytes = headerBytes + 2 * slots * slotBytes

  /// A word of the header, by its place.
  enum Word: Int {
    /// Where the owner hears that others wait for nothing any more.
    case port = 64
    /// Whether the owner sees everyone's memory; see `State`.
    case state = 128
    /// Pieces staged, summed and copied since the group began.
    case staged = 192
    case summed = 256
    case copied = 320
    /// Whether the owner sleeps until its doorbell rings.
    case asleep = 384
  }

  /// Whether a rank can use its host's memory.
  enum State: UInt64 { case unknown, ready, unable }

  /// Which operation a stage slot belongs to.
  struct Tag: Equatable {
    var sequence: UInt64
    var signature: UInt64
  }

  let descriptor: Int32
  private let memory: UnsafeMutableRawPointer

  /// Makes the memory of this rank; nil where the system gives none.
  init?(nonce: [UInt8]) {
    let descriptor = lockstep_shared_memory(Self.bytes)
    guard descriptor >= 0 else { return nil }
    guard let memory = Self.map(descriptor) else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
    self.memory = memory
    UnsafeMutableRawBufferPointer(start: memory, count: 32).copyBytes(from: nonce.prefix(32))
  }

  /// Maps the memory of another rank of this host; nil where it cannot be reached or is not the one that was announced.
  init?(of process: UInt32, descriptor: UInt32, nonce: [UInt8]) {
    let opened = lockstep_open_shared_memory(process, descriptor)
    guard opened >= 0 else { return nil }
    var status = stat()
    guard fstat(opened, &status) == 0, Int(status.st_size) == Self.bytes, let memory = Self.map(opened) else {
      close(opened)
      return nil
    }
    self.descriptor = opened
    self.memory = memory
    guard UnsafeRawBufferPointer(start: memory, count: 32).elementsEqual(nonce) else { return nil }
  }

  deinit {
    munmap(memory, Self.bytes)
    close(descriptor)
  }

  private static func map(_ descriptor: Int32) -> UnsafeMutableRawPointer? {
    let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    return memory == MAP_FAILED ? nil : memory
  }

  /// The words alone, to be looked at over and over again; they live as long as the segment.
  struct Words {
    fileprivate let memory: UnsafeMutableRawPointer

    subscript(word: Word) -> UInt64 {
      get { lockstep_load((memory + word.rawValue).assumingMemoryBound(to: UInt64.self)) }
      nonmutating set { lockstep_store((memory + word.rawValue).assumingMemoryBound(to: UInt64.self), newValue) }
    }
  }

  var words: Words { Words(memory: memory) }

  /// The operation that a stage slot belongs to; read it after the counter that says the piece is there.
  func tag(_ slot: Int) -> UnsafeMutablePointer<Tag> {
    (memory + 1024 + slot * 64).assumingMemoryBound(to: Tag.self)
  }

  /// Where the owner puts what it brings to the piece in a slot.
  func stage(_ slot: Int) -> UnsafeMutableRawPointer { memory + Self.headerBytes + slot * Self.slotBytes }

  /// Where the owner puts its part of that piece's sum.
  func result(_ slot: Int) -> UnsafeMutableRawPointer { stage(slot) + Self.slots * Self.slotBytes }

  /// Which slot a piece lies in.
  static func slot(of piece: UInt64) -> Int { Int(piece % UInt64(slots)) }
}
