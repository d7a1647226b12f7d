/// A string as a key that equals another one only where their UTF-8 is the same.
///
/// Swift's `==` holds for canonically equivalent strings, such as "é" as one scalar and as "e" with an accent. Two classes
/// or ids of a table may differ in just that, and would silently become one.
package struct ByteString: Hashable, Sendable {
  package let text: String

  package init(_ text: String) { self.text = text }

  package static func == (first: ByteString, second: ByteString) -> Bool { first.text.hasSameBytes(as: second.text) }

  package func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    hasher.combine(0xFF as UInt8)
  }
}

extension String {
  /// Whether both have the same UTF-8.
  package func hasSameBytes(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}

extension Collection<String> {
  /// The place of the string with the same UTF-8.
  package func place(of text: String) -> Index? { firstIndex { $0.hasSameBytes(as: text) } }

  /// Whether both are the same strings, byte by byte, in the same order.
  package func haveSameBytes(as other: some Collection<String>) -> Bool {
    count == other.count && zip(self, other).allSatisfy { $0.hasSameBytes(as: $1) }
  }
}
