import Checkpoints

/// The files in a zip archive that packs nothing, by name: where their bytes lie.
///
///     local header, name, bytes      once for each file
///     directory header, name         once for each file
///     (zip64 end, its locator)       where a number needs 64 bits
///     end                            the place and size of the directory
///
/// Parsing is pure: bytes in, places out. The places lie in the archive, before the directory, and none overlaps another. Packed
/// and encrypted files are refused; so is whatever the directory and the files' own headers say differently.
/// Source: PKWARE, APPNOTE.TXT 6.3.10.
package struct ZipDirectory {
  static let signature: [UInt8] = [0x50, 0x4B, 0x03, 0x04]
  private static let endSize = 22
  private static let headerSize = 46
  private static let localSize = 30
  private static let longestComment = 0xFFFF
  private static let longestName = 1024
  /// Files of an archive; models have some hundred.
  private static let mostFiles = 1 << 17

  /// The bytes of each file.
  package let entries: [String: Range<Int>]

  private struct Header {
    let name: Range<Int>
    let local: Int
    let size: Int
    let next: Int
  }

  /// - Throws: `ModelError` where the archive is cut, damaged, packed or contradicts itself.
  package init(of bytes: UnsafeRawBufferPointer, file: String) throws(ModelError) {
    let archive = Archive(bytes: bytes, file: file)
    let (directory, count) = try Self.end(of: archive)
    guard count <= Self.mostFiles, count <= directory.count / Self.headerSize else {
      throw archive.wrong("claims \(count) files, more than its directory has room for")
    }
    var entries: [String: Range<Int>] = [:]
    var places: [(whole: Range<Int>, name: String)] = []
    entries.reserveCapacity(count)
    var position = directory.lowerBound
    for _ in 0..<count {
      let header = try Self.header(at: position, in: archive, before: directory.upperBound)
      guard let name = String(validating: bytes[header.name], as: UTF8.self) else {
        throw archive.wrong("has a file whose name is not UTF-8")
      }
      let content = try Self.content(of: header, name, in: archive, before: directory.lowerBound)
      guard entries.updateValue(content, forKey: name) == nil else { throw archive.wrong("has \(quoted(name)) twice") }
      places.append((header.local..<content.upperBound, name))
      position = header.next
    }
    places.sort { $0.whole.lowerBound < $1.whole.lowerBound }
    for (before, after) in zip(places, places.dropFirst()) where after.whole.lowerBound < before.whole.upperBound {
      throw archive.wrong("has \(quoted(after.name)) and \(quoted(before.name)) in the same place")
    }
    self.entries = entries
  }

  /// Where the directory lies, and how many files it has.
  private static func end(of archive: Archive) throws(ModelError) -> (directory: Range<Int>, count: Int) {
    let last = archive.bytes.count - endSize
    guard last >= 0,
      let end = stride(from: last, through: max(0, last - longestComment), by: -1).first(where: {
        archive.number(4, $0) == 0x0605_4B50 && archive.number(2, $0 + 20) == last - $0
      })
    else { throw archive.wrong("is a zip archive without its end: it was not downloaded whole") }
    var (disk, onDisk, count) = (archive.number(2, end + 4), archive.number(2, end + 8), archive.number(2, end + 10))
    var (size, offset, limit) = (archive.number(4, end + 12), archive.number(4, end + 16), end)
    if count == 0xFFFF || onDisk == 0xFFFF || size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF {
      let locator = end - 20
      guard locator >= 0, archive.number(4, locator) == 0x0706_4B50 else {
        throw archive.wrong("is a zip archive of 64 bits without the place of its end")
      }
      let large = archive.number(8, locator + 8)
      guard large <= locator - 56, archive.number(4, large) == 0x0606_4B50 else {
        throw archive.wrong("is a zip archive of 64 bits without its end")
      }
      (disk, onDisk, count) = (
        archive.number(4, large + 16), archive.number(8, large + 24), archive.number(8, large + 32)
      )
      (size, offset, limit) = (archive.number(8, large + 40), archive.number(8, large + 48), large)
    }
    guard disk == 0, onDisk == count else { throw archive.wrong("is one of several parts of a zip archive") }
    guard offset <= limit, size <= limit - offset else {
      throw archive.wrong("has its directory at byte \(offset), \(size) bytes long, which is beyond its end")
    }
    return (offset..<offset + size, count)
  }

  private static func header(
    at position: Int, in archive: Archive, before limit: Int
  ) throws(ModelError) -> Header {
    guard position <= limit - headerSize, archive.number(4, position) == 0x0201_4B50 else {
      throw archive.wrong("has a damaged directory at byte \(position)")
    }
    let (flags, method) = (archive.number(2, position + 8), archive.number(2, position + 10))
    var (packed, size) = (archive.number(4, position + 20), archive.number(4, position + 24))
    let (nameSize, extraSize) = (archive.number(2, position + 28), archive.number(2, position + 30))
    var local = archive.number(4, position + 42)
    let name = position + headerSize..<position + headerSize + nameSize
    let extra = name.upperBound..<name.upperBound + extraSize
    let next = extra.upperBound + archive.number(2, position + 32)
    guard next <= limit, (1...longestName).contains(nameSize) else {
      throw archive.wrong("has a damaged directory at byte \(position)")
    }
    guard flags & 1 == 0 else {
      throw ModelError(file: archive.file, problem: "is encrypted", remedy: "unpack it, or get it without a password")
    }
    guard method == 0 else {
      throw ModelError(
        file: archive.file,
        problem:
          "is a zip archive whose files are packed (\(method == 8 ? "deflate" : "method \(method)")), and torch.save"
          + " packs nothing",
        remedy: "save the model's weights again with PyTorch")
    }
    var field = extra.lowerBound
    while field <= extra.upperBound - 4 {
      let (kind, length) = (archive.number(2, field), archive.number(2, field + 2))
      let end = field + 4 + length
      guard end <= extra.upperBound else { break }
      if kind == 1 {
        var place = field + 4
        func large(_ value: Int) throws(ModelError) -> Int {
          guard value == 0xFFFF_FFFF else { return value }
          guard place <= end - 8 else { throw archive.wrong("lacks a size of 64 bits in its directory") }
          defer { place += 8 }
          return archive.number(8, place)
        }
        size = try large(size)
        packed = try large(packed)
        local = try large(local)
      }
      field = end
    }
    guard packed == size else {
      throw archive.wrong("has a file of \(size) bytes in \(packed), although nothing in it is packed")
    }
    return Header(name: name, local: local, size: size, next: next)
  }

  /// The bytes of a file, by its own header.
  private static func content(
    of header: Header, _ name: String, in archive: Archive, before directory: Int
  ) throws(ModelError) -> Range<Int> {
    let local = header.local
    guard local <= directory - localSize, archive.number(4, local) == 0x0403_4B50 else {
      throw archive.wrong("has no file at byte \(local), where its directory places \(quoted(name))")
    }
    let (flags, method) = (archive.number(2, local + 6), archive.number(2, local + 8))
    let (nameSize, extraSize) = (archive.number(2, local + 26), archive.number(2, local + 28))
    let start = local + localSize + nameSize + extraSize
    guard start <= directory, header.size <= directory - start else {
      throw archive.wrong("has \(header.size) bytes of \(quoted(name)) at byte \(start), which is beyond its end")
    }
    guard flags & 1 == 0, method == 0, nameSize == header.name.count,
      archive.bytes[local + localSize..<local + localSize + nameSize].elementsEqual(archive.bytes[header.name])
    else { throw archive.wrong("says of \(quoted(name)) something else in its directory than at the file itself") }
    return start..<start + header.size
  }
}

/// The bytes of an archive, with bounds.
private struct Archive {
  let bytes: UnsafeRawBufferPointer
  let file: String

  /// A little-endian number; one that is larger than an `Int` is the largest.
  func number(_ width: Int, _ position: Int) -> Int {
    precondition(position >= 0 && position <= bytes.count - width, "a number outside the archive")
    var value: UInt64 = 0
    for index in 0..<width { value |= UInt64(bytes[position + index]) << UInt64(8 * index) }
    return Int(clamping: value)
  }

  func wrong(_ problem: String) -> ModelError {
    ModelError(file: file, problem: problem, remedy: "download the file again")
  }
}
