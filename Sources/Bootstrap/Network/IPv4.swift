/// An address of the Internet protocol, version 4.
package struct IPv4: Equatable, CustomStringConvertible {
  package var bits: UInt32

  package init(_ bits: UInt32) { self.bits = bits }

  /// Reads four numbers with dots between them.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    guard parts.count == 4, parts.allSatisfy({ $0 != nil }) else { return nil }
    bits = parts.reduce(0) { $0 << 8 | UInt32($1!) }
  }

  package var description: String {
    stride(from: 24, through: 0, by: -8).map { "\(bits >> UInt32($0) & 255)" }.joined(separator: ".")
  }

  /// Whether its first `count` bits are those of `network`.
  func isIn(_ network: IPv4, bits count: Int) -> Bool {
    count == 0 || (bits ^ network.bits) >> UInt32(32 - count) == 0
  }
}
