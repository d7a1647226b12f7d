/// Deliberate damage to a link, for tests of failure.
package enum Tampering {
  /// What a socket does to bytes instead of passing them on. Raw values are for an atomic.
  package enum Bytes: UInt8 {
    case none, swallow, corrupt
  }

  /// Which byte of a transfer is damaged: one of the payload where there is one, behind the frame's header.
  package static let damagedByte = 70
}
