import Foundation
import Runs
import Transport

/// A file of records as TensorFlow frames them: the length, its checksum, the bytes, their checksum; all little-endian.
package final class RecordFile {
  private let file: AppendedFile

  /// Makes a new file.
  init(path: String, wait: DiskWait) throws { file = try AppendedFile(path, anew: true, wait: wait) }

  /// Appends one record; readers see it at once.
  func write(_ bytes: [UInt8]) throws { try file.write(Self.framed(bytes)) }

  /// A record with its frame.
  package static func framed(_ bytes: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(bytes.count))
    return length + littleEndian(checksum(length)) + bytes + littleEndian(checksum(bytes))
  }

  /// CRC-32C, masked so that the checksum of bytes that hold a checksum is not one of its simple functions.
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    let crc = bytes.withUnsafeBytes { System.crc32c($0) }
    return (crc >> 15 | crc << 17) &+ 0xa282_ead8
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian, Array.init)
  }
}
