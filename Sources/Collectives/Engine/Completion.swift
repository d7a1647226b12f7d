import Tracing

/// An operation that is over.
package struct Completion {
  package var sequence: UInt64
  /// nil if the operation gave its result.
  package var error: GroupError?
  /// What it was, and when it ran.
  package var span: Span?
}
