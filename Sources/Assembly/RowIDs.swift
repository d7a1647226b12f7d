import Support
import Text

/// The names of rows.
package enum RowIDs {
  /// Those that stand more than once, each once, in the order in which they are repeated.
  package static func repeated(_ ids: [String]) -> [String] {
    var counts: [ByteString: Int] = [:]
    return ids.filter { id in
      counts[ByteString(id), default: 0] += 1
      return counts[ByteString(id)] == 2
    }
  }
}
