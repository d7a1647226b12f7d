/// The header in front of everything that ranks send each other: 64 bytes, little-endian.
///
///     0 magic u32 | 4 version u8 | 5 type u8 | 6 source u16 | 8 destination u16 | 10 zero u16 | 12 epoch u32
///     16 operation u64 | 24 signature u64 | 32 sequence u64 | 40 offset u64 | 48 length u32 | 52 payload CRC-32C u32
///     56 zero u32 | 60 header CRC-32C u32
package struct Frame: Sendable, Equatable {
  package static let bytes = 64
  package static let version: UInt8 = 1
  private static let magic: UInt32 = 0x4b54_534c  // "LSTK"

  /// What the payload is.
  package enum Kind: UInt8, Sendable {
    case data = 1
    case control
  }

  package var kind: Kind
  package var source: Int
  package var destination: Int
  /// Generation of the job: restarts count it up, so a rank left over from an earlier attempt is known.
  package var epoch: UInt32
  /// Place of the operation in the sequence of all operations.
  package var operation: UInt64 = 0
  package var signature: UInt64 = 0
  /// Place of the frame in the sequence of frames of this link.
  package var sequence: UInt64 = 0
  /// Which step of the sender's list of sends to this peer, for a data frame.
  package var offset: UInt64 = 0
  package var length: Int
  package var checksum: UInt32 = 0

  package init(
    kind: Kind, source: Int, destination: Int, epoch: UInt32, length: Int
  ) {
    self.kind = kind
    self.source = source
    self.destination = destination
    self.epoch = epoch
    self.length = length
  }

  /// Writes the header, with its own checksum last.
  package func encode(to header: UnsafeMutableRawPointer) {
    func put<Number: FixedWidthInteger>(_ number: Number, _ offset: Int) {
      header.storeBytes(of: number.littleEndian, toByteOffset: offset, as: Number.self)
    }
    put(Self.magic, 0)
    put(Self.version, 4)
    put(kind.rawValue, 5)
    put(UInt16(source), 6)
    put(UInt16(destination), 8)
    put(UInt16(0), 10)
    put(epoch, 12)
    put(operation, 16)
    put(signature, 24)
    put(sequence, 32)
    put(offset, 40)
    put(UInt32(length), 48)
    put(checksum, 52)
    put(UInt32(0), 56)
    put(System.crc32c(UnsafeRawBufferPointer(start: header, count: 60)), 60)
  }

  /// Why bytes are not a frame header.
  package enum Fault: Error, Equatable {
    case notAFrame, version(UInt8), kind(UInt8), checksum
  }

  package init(decoding header: UnsafeRawPointer) throws(Fault) {
    func get<Number: FixedWidthInteger>(_ offset: Int, _ type: Number.Type) -> Number {
      Number(littleEndian: header.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
    guard get(0, UInt32.self) == Self.magic else { throw .notAFrame }
    guard get(60, UInt32.self) == System.crc32c(UnsafeRawBufferPointer(start: header, count: 60)) else {
      throw .checksum
    }
    guard get(4, UInt8.self) == Self.version else { throw .version(get(4, UInt8.self)) }
    guard let kind = Kind(rawValue: get(5, UInt8.self)) else { throw .kind(get(5, UInt8.self)) }
    self.kind = kind
    source = Int(get(6, UInt16.self))
    destination = Int(get(8, UInt16.self))
    epoch = get(12, UInt32.self)
    operation = get(16, UInt64.self)
    signature = get(24, UInt64.self)
    sequence = get(32, UInt64.self)
    offset = get(40, UInt64.self)
    length = Int(get(48, UInt32.self))
    checksum = get(52, UInt32.self)
  }
}

extension Frame.Fault: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notAFrame: "bytes that are not a frame"
    case .version(let version): "a frame of version \(version), where \(Frame.version) is spoken"
    case .kind(let kind): "a frame of unknown kind \(kind)"
    case .checksum: "a frame header that does not fit its checksum"
    }
  }
}
