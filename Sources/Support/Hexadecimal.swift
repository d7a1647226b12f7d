extension Sequence<UInt8> {
  /// These bytes as lower-case hexadecimal digits.
  package var hexadecimal: String {
    var digits: [UInt8] = []
    for byte in self {
      for nibble in [byte >> 4, byte & 15] {
        digits.append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
      }
    }
    return String(decoding: digits, as: UTF8.self)
  }
}

extension FixedWidthInteger where Self: UnsignedInteger {
  /// All digits of the number, the highest first, leading zeros included: 16 of 64 bits.
  package var hexadecimal: String {
    stride(from: Self.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> Self($0)) }.hexadecimal
  }

  /// The number of all its digits, as `hexadecimal` writes them, or nil for any other text.
  package init?(hexadecimal text: some StringProtocol) {
    guard text.utf8.count == Self.bitWidth / 4 else { return nil }
    var value: Self = 0
    for byte in text.utf8 {
      guard let digit = HexadecimalDigit.value(of: byte) else { return nil }
      value = value << 4 | Self(digit)
    }
    self = value
  }
}

package enum HexadecimalDigit {
  /// The value of an ASCII digit of either case, or nil.
  package static func value(of byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
