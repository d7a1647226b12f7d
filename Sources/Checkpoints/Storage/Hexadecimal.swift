extension Sequence<UInt8> {
  /// These bytes as lower-case hexadecimal digits.
  var hexadecimal: String {
    var digits: [UInt8] = []
    for byte in self {
      for nibble in [byte >> 4, byte & 15] {
        digits.append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
      }
    }
    return String(decoding: digits, as: UTF8.self)
  }
}
