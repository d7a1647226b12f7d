extension UInt8 {
  /// Whether it is a blank or another white space of ASCII.
  package var isBlank: Bool { self == 0x20 || 0x09...0x0D ~= self }
}
