import CSystem
import Glibc
import Synchronization

/// Memory of one rank that all ranks of its host reach: what it brings to a sum, and the part of the sum that it computes.
///
///     0 nonce, 32 bytes | 64 port of the doorbell | 128 state | 192 staged | 256 summed | 320 copied | 384 asleep
///     1024 a tag for each slot: number and signature of the operation, place of the vector
///     4096 stage slots | result slots | vectors, which are there from when they are taken
///
/// Only its owner writes to it, but for sums in its vectors. A word has its own cache line, so that one rank's progress does not
/// slow another's.
///
/// Unchecked Sendable: words are read and written atomically; slots are written by the owner while no counter lets anyone
/// read them, and vectors by one rank at a time in the same way.
package final class SharedWindow: @unchecked Sendable {
  /// Segments under way at once.
  package static let slots = 4
  /// Bytes of a slot: few enough that all slots stay in the cache, many enough that a rank which the system interrupts finds
  /// work when it comes back, and does not hold up the others at every segment.
  package static let slotBytes = 512 << 10
  private static let headerBytes = 4096
  /// Where vectors begin, and for how many bytes of them there are addresses; memory is taken as it is needed.
  private static let vectorStart = headerBytes + 2 * slots * slotBytes
  private static let vectorBytes = 1 << 35
  private static let bytes = vectorStart + vectorBytes
  /// So that the system can take large pages, where it does.
  private static let vectorAlignment = 2 << 20

  /// A word of the header, by its place.
  package enum Word: Int {
    /// Where the owner hears that others wait for nothing any more.
    case port = 64
    /// Whether the owner sees everyone's memory; see `State`.
    case state = 128
    /// Segments staged, summed and copied since the group began.
    case staged = 192
    case summed = 256
    case copied = 320
    /// Whether the owner sleeps until its doorbell rings.
    case asleep = 384

    /// Its place in a list of all words.
    package var number: Int { rawValue / 64 }
    package static var count: Int { asleep.number + 1 }
  }

  /// Whether a rank can use its host's memory.
  package enum State: UInt64 { case unknown, ready, unable }

  /// Which operation a stage slot belongs to.
  package struct Tag: Equatable {
    package var sequence: UInt64
    package var signature: UInt64
  }

  private static let placeInTag = 32

  package let descriptor: Int32
  private let memory: UnsafeMutableRawPointer
  /// How much of the vectors' addresses has been taken.
  private let taken = Mutex(0)

  /// Makes the memory of this rank; nil where the system gives none.
  package init?(nonce: [UInt8]) {
    let descriptor = lockstep_shared_memory(Self.vectorStart, Self.vectorBytes)
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
  package init?(of process: UInt32, descriptor: UInt32, nonce: [UInt8]) {
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
    let flags = MAP_SHARED | MAP_NORESERVE
    guard let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, flags, descriptor, 0), memory != MAP_FAILED else {
      return nil
    }
    // A dump of a process that crashed would go through all addresses, of every rank.
    madvise(memory + vectorStart, vectorBytes, Int32(MADV_DONTDUMP))
    return memory
  }

  /// The words alone, to be looked at over and over again; they live as long as the segment.
  package struct Words {
    fileprivate let memory: UnsafeMutableRawPointer

    package subscript(word: Word) -> UInt64 {
      get { lockstep_load((memory + word.rawValue).assumingMemoryBound(to: UInt64.self)) }
      nonmutating set { lockstep_store((memory + word.rawValue).assumingMemoryBound(to: UInt64.self), newValue) }
    }
  }

  package var words: Words { Words(memory: memory) }

  /// The operation that a stage slot belongs to; read it after the counter that says the segment is there.
  package func tag(_ slot: Int) -> UnsafeMutablePointer<Tag> {
    (memory + 1024 + slot * 64).assumingMemoryBound(to: Tag.self)
  }

  /// Where the owner puts what it brings to the segment in a slot.
  package func stage(_ slot: Int) -> UnsafeMutableRawPointer { memory + Self.headerBytes + slot * Self.slotBytes }

  /// Where the owner puts its part of that segment's sum.
  package func result(_ slot: Int) -> UnsafeMutableRawPointer { stage(slot) + Self.slots * Self.slotBytes }

  /// Which slot a segment lies in.
  package static func slot(of segment: UInt64) -> Int { Int(segment % UInt64(slots)) }

  // MARK: Vectors

  /// Takes zeroed memory for a vector; nil where there is none left.
  package func takeVector(_ bytes: Int) -> UnsafeMutableRawPointer? {
    let size = (bytes + Self.vectorAlignment - 1) / Self.vectorAlignment * Self.vectorAlignment
    let offset = taken.withLock { taken -> Int? in
      guard size <= Self.vectorBytes - taken else { return nil }
      defer { taken += size }
      return taken
    }
    // All of it now: memory that is missing later is a bus error.
    guard let offset, posix_fallocate(descriptor, off_t(Self.vectorStart + offset), off_t(bytes)) == 0 else {
      return nil
    }
    return memory + Self.vectorStart + offset
  }

  /// Gives the memory of a vector back, but not its addresses: there are enough, and nobody meets another's vector there.
  package func release(_ vector: UnsafeMutableRawPointer, _ bytes: Int) {
    let size = (bytes + Self.headerBytes - 1) / Self.headerBytes * Self.headerBytes
    madvise(vector, size, Int32(MADV_REMOVE))
  }

  /// Where a vector lies among this rank's; nil if it is not one of them.
  package func place(of vector: UnsafeMutableRawPointer, _ bytes: Int) -> UInt64? {
    let offset = vector - (memory + Self.vectorStart)
    return offset >= 0 && offset <= Self.vectorBytes - bytes ? UInt64(offset) : nil
  }

  /// The vector at a place that its owner has reported; nil if it would not lie among the vectors, or its floats would lie askew.
  package func vector(at place: UInt64, _ bytes: Int) -> UnsafeMutableRawPointer? {
    guard place % 4 == 0, bytes <= Self.vectorBytes, place <= UInt64(Self.vectorBytes - bytes) else { return nil }
    return memory + Self.vectorStart + Int(place)
  }

  /// Where the vector lies that the operation of a slot works on, where it works on one.
  package func vectorPlace(_ slot: Int) -> UnsafeMutablePointer<UInt64> {
    (UnsafeMutableRawPointer(tag(slot)) + Self.placeInTag).assumingMemoryBound(to: UInt64.self)
  }
}
