/// Why a text is not the JSON it should be.
package struct JSONError: ClassifiedError, Equatable, CustomStringConvertible, Sendable {
  /// The byte at which reading stopped, from 0.
  package let offset: Int
  package let reason: String

  package init(offset: Int, reason: String) {
    self.offset = offset
    self.reason = reason
  }

  package var exitClass: ExitClass { .wrongInput }

  package var description: String { "byte \(offset + 1): \(reason)" }
}
