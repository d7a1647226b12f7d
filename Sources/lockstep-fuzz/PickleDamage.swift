/// Damage to whole instructions of pickles: what a reader of bytes alone would rarely meet.
enum PickleDamage {
  /// Bytes of an argument that all instructions of a kind have.
  private static let fixed: [UInt8: Int] = [
    0x47: 8, 0x4A: 4, 0x4B: 1, 0x4D: 2, 0x68: 1, 0x6A: 4, 0x71: 1, 0x72: 4, 0x80: 1, 0x82: 1, 0x83: 2, 0x84: 4, 0x95: 8,
  ]
  /// Bytes of the length that goes before an argument.
  private static let prefixed: [UInt8: Int] = [
    0x54: 4, 0x55: 1, 0x58: 4, 0x8A: 1, 0x8B: 4, 0x8C: 1, 0x8D: 8, 0x42: 4, 0x43: 1, 0x8E: 8,
  ]
  private static let opcodes: [UInt8] =
    Array("().GJKMNQRTUX]abcehjqrstu}012IioPl".utf8) + Array(0x80...0x98)
  private static let names = [
    "torch FloatStorage", "torch DoubleStorage", "torch HalfStorage", "torch LongStorage", "torch ByteStorage",
    "torch._utils _rebuild_tensor", "torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_parameter",
    "collections OrderedDict", "posix system", "builtins eval", "torch._utils  ", "torch Storage",
  ]
  private static let integers: [Int] = [
    0, 1, -1, 2, 7, 8, 9, 255, 256, 65_536, 1 << 31, 1 << 32, 1 << 61, 1 << 62, .max, .min, -(1 << 32),
  ]

  /// Where the instructions lie, through all pickles that follow one another.
  static func instructions(_ bytes: [UInt8]) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var position = 0
    while position < bytes.count {
      let opcode = bytes[position]
      var end = position + 1 + (fixed[opcode] ?? 0)
      if let width = prefixed[opcode] {
        guard position + 1 + width <= bytes.count else { break }
        let length = bytes[position + 1..<position + 1 + width].reversed().reduce(0) { ($0 << 8 | Int($1)) & 0xFF_FFFF }
        end = position + 1 + width + length
      } else if opcode == 0x63 {
        for _ in 0..<2 { end = (bytes[min(end, bytes.count)...].firstIndex(of: 0x0A) ?? bytes.count) + 1 }
      }
      guard end <= bytes.count else { break }
      found.append(position..<end)
      // Behind the last pickle of the stream format lie the storages.
      if opcode == 0x2E, end >= bytes.count || bytes[end] != 0x80 { break }
      position = end
    }
    return found
  }

  static func apply(_ bytes: inout [UInt8], draw: (Int) -> Int) {
    let found = instructions(bytes)
    guard found.count > 1 else { return }
    let (one, other) = (found[draw(found.count)], found[draw(found.count)])
    switch draw(9) {
    case 0: bytes.removeSubrange(one)
    case 1: bytes.insert(contentsOf: bytes[one], at: other.lowerBound)
    case 2:
      let (first, second) = one.lowerBound < other.lowerBound ? (one, other) : (other, one)
      guard first.upperBound <= second.lowerBound else { return }
      let (before, after) = (Array(bytes[first]), Array(bytes[second]))
      bytes.replaceSubrange(second, with: before)
      bytes.replaceSubrange(first, with: after)
    case 3: bytes.insert(contentsOf: (0..<(1 << draw(10))).flatMap { _ in bytes[one] }, at: other.lowerBound)
    case 4: bytes[one.lowerBound] = opcodes[draw(opcodes.count)]
    case 5: bytes.replaceSubrange(one, with: long(integers[draw(integers.count)]))
    case 6: integer(&bytes, found, draw)
    case 7:
      guard one.count > 1 else { return }
      bytes[one.lowerBound + 1 + draw(min(8, one.count - 1))] = [0, 1, 0x7F, 0x80, 0xFF][draw(5)]
    default:
      let globals = found.filter { bytes[$0.lowerBound] == 0x63 }
      guard !globals.isEmpty else { return }
      let name = names[draw(names.count)].split(separator: " ", omittingEmptySubsequences: false)
      bytes.replaceSubrange(globals[draw(globals.count)], with: Array("c\(name[0])\n\(name[1])\n".utf8))
    }
  }

  /// Another number in place of one.
  private static func integer(_ bytes: inout [UInt8], _ found: [Range<Int>], _ draw: (Int) -> Int) {
    let numbers = found.filter { [0x4A, 0x4B, 0x4D].contains(bytes[$0.lowerBound]) }
    guard !numbers.isEmpty else { return }
    bytes.replaceSubrange(numbers[draw(numbers.count)], with: long(integers[draw(integers.count)]))
  }

  private static func long(_ value: Int) -> [UInt8] {
    [0x8A, 8] + withUnsafeBytes(of: value.littleEndian, Array.init)
  }
}

/// Damage to the fields of zip archives.
enum ZipDamage {
  /// Offsets and widths of the fields of a header by its signature.
  private static let fields: [[UInt8]: [(offset: Int, width: Int)]] = [
    [0x50, 0x4B, 3, 4]: [(4, 2), (6, 2), (8, 2), (18, 4), (22, 4), (26, 2), (28, 2)],
    [0x50, 0x4B, 1, 2]: [(8, 2), (10, 2), (20, 4), (24, 4), (28, 2), (30, 2), (32, 2), (34, 2), (42, 4)],
    [0x50, 0x4B, 5, 6]: [(4, 2), (6, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2)],
    [0x50, 0x4B, 6, 6]: [(16, 4), (24, 8), (32, 8), (40, 8), (48, 8)],
    [0x50, 0x4B, 6, 7]: [(8, 8), (16, 4)],
  ]

  static func apply(_ bytes: inout [UInt8], draw: (Int) -> Int) {
    var found: [(offset: Int, width: Int)] = []
    for position in bytes.indices.dropLast(3) where bytes[position] == 0x50 && bytes[position + 1] == 0x4B {
      for field in fields[Array(bytes[position..<position + 4])] ?? [] {
        let offset = position + field.offset
        if offset + field.width <= bytes.count { found.append((offset, field.width)) }
      }
    }
    guard !found.isEmpty else { return }
    let field = found[draw(found.count)]
    func value(_ field: (offset: Int, width: Int)) -> UInt64 {
      (0..<field.width).reduce(0) { $0 | UInt64(bytes[field.offset + $1]) << UInt64(8 * $1) }
    }
    let new: UInt64 =
      switch draw(8) {
      case 0: 0
      case 1: 1
      case 2: .max
      case 3: .max >> UInt64(64 - 8 * field.width + 1)
      case 4: value(field) &+ 1
      case 5: value(field) &- 1
      case 6: value(found[draw(found.count)])
      default: UInt64(draw(bytes.count + 8))
      }
    for index in 0..<field.width { bytes[field.offset + index] = UInt8(truncatingIfNeeded: new >> UInt64(8 * index)) }
  }
}
