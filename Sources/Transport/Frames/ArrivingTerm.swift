/// What a payload is added to while it arrives, float by float, so that memory is gone through once for its checksum and its sum.
///
/// A payload that turns out not to fit its checksum has been added by then; the operation ends in an error, and its memory holds
/// anything.
package struct ArrivingTerm {
  package let sum: UnsafeMutableRawPointer
  package let other: UnsafeRawPointer
  /// Whether the payload is the left operand.
  package let isLeft: Bool

  package init(sum: UnsafeMutableRawPointer, other: UnsafeRawPointer, isLeft: Bool) {
    self.sum = sum
    self.other = other
    self.isLeft = isLeft
  }
}
