/// Checks what a caller must get right, and ends the program with a message where it is wrong, in every build: the messages of
/// `precondition` are left out of optimized ones.
@inlinable
package func require(
  _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID,
  line: UInt = #line
) {
  if _fastPath(condition()) { return }
  fatalError(message(), file: file, line: line)
}
