import Glibc
import Transport

/// One end of a connection that is measured: orders and answers, and any bytes in between, each wait with a deadline.
struct MeterLine {
  /// Why a measurement did not come to its end.
  struct Failure: Error {
    let words: String
  }

  /// What the measuring end asks of the other one.
  struct Order: Equatable {
    enum Kind: UInt8 {
      /// One byte back.
      case answer
      /// Takes `bytes` bytes, then one byte back.
      case take
      /// `bytes` bytes back.
      case give
    }

    var kind: Kind
    var bytes = 0

    /// The most bytes of one transfer.
    static let mostBytes = 256 << 20

    /// A kind and a count of eight bytes.
    static let size = 9

    var encoded: [UInt8] {
      var writer = ByteWriter()
      writer.write(kind.rawValue)
      writer.write(UInt64(bytes))
      return writer.bytes
    }

    init(_ kind: Kind, bytes: Int = 0) {
      self.kind = kind
      self.bytes = bytes
    }

    /// Nil for what is not an order, or asks for more than anybody measures with.
    init?(decoding bytes: [UInt8]) {
      var reader = ByteReader(bytes)
      guard let kind = (try? reader.read(UInt8.self)).flatMap(Kind.init),
        let count = try? reader.read(UInt64.self), count <= UInt64(Self.mostBytes)
      else { return nil }
      self.init(kind, bytes: Int(count))
    }
  }

  let socket: Socket
  let deadline: Nanoseconds

  /// Bytes of the buffer that is sent over and over.
  private static let block = 1 << 20

  func send(_ bytes: [UInt8]) throws(Failure) {
    if let problem = socket.sendAll(bytes, until: deadline) { throw Failure(words: problem) }
  }

  /// Sends `count` bytes of any content.
  func give(_ count: Int) throws(Failure) {
    let block = [UInt8](repeating: 0x5a, count: min(count, Self.block))
    var rest = count
    while rest > 0 {
      let part = rest < block.count ? Array(block.prefix(rest)) : block
      try send(part)
      rest -= part.count
    }
  }

  /// Receives exactly `count` bytes of any content.
  func take(_ count: Int) throws(Failure) {
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: min(max(1, count), Self.block), alignment: 4096)
    defer { room.deallocate() }
    var rest = count
    while rest > 0 { rest -= try receive(UnsafeMutableRawBufferPointer(rebasing: room.prefix(rest))) }
  }

  /// Receives exactly `count` bytes.
  func receive(_ count: Int) throws(Failure) -> [UInt8] {
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
    defer { room.deallocate() }
    var filled = 0
    while filled < count { filled += try receive(UnsafeMutableRawBufferPointer(rebasing: room[filled...])) }
    return Array(room)
  }

  private func receive(_ room: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    while true {
      switch socket.receive(room) {
      case .moved(let count): return count
      case .ended(let end): throw Failure(words: end.words)
      case .wouldBlock:
        guard System.now < deadline else { throw Failure(words: "it sends nothing") }
        var interest = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&interest, 1, 50)
      }
    }
  }
}
