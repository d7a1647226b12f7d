/// One direction of a virtual connection: a stream of bytes with a finite buffer, and everything that can go wrong with it.
struct Pipe {
  private var bytes: [UInt8] = []
  private var head = 0
  var capacity = 4096
  /// Nothing arrives before this time.
  var opensAt: UInt64 = 0
  /// The writer is gone; what it wrote is still there to be read.
  var isClosed = false
  /// What is written vanishes, and nothing arrives any more.
  var isBlackHole = false
  /// How many bytes pass before one is damaged.
  var damageAfter: Int?

  var count: Int { bytes.count - head }
  var room: Int { isClosed ? 0 : capacity - count }

  mutating func write(_ source: UnsafeRawBufferPointer) {
    if isBlackHole {
      // The sender's kernel keeps what was never acknowledged: the buffer fills and stays full.
      bytes += source
      return
    }
    let first = bytes.count
    bytes += source
    if let distance = damageAfter {
      damageAfter = distance - source.count
      if distance < source.count {
        bytes[first + distance] ^= 0x10
        damageAfter = nil
      }
    }
  }

  mutating func read(into target: UnsafeMutableRawBufferPointer) {
    target.copyBytes(from: bytes[head..<head + target.count])
    head += target.count
    if head == bytes.count {
      bytes.removeAll(keepingCapacity: true)
      head = 0
    }
  }

  /// The connection is torn down, and what was not read is lost.
  mutating func reset() {
    bytes.removeAll()
    head = 0
    isClosed = true
  }
}
