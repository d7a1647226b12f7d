/// The pieces of a vocabulary by their bytes: a trie whose nodes lie level by level, children next to each other in the
/// order of their bytes.
struct PieceTrie: Sendable {
  /// The children of a node are `firstChild[node] ..< firstChild[node + 1]`.
  private var firstChild: [Int32] = []
  private var labels: [UInt8] = []
  /// The piece that ends at a node, or -1.
  private var pieces: [Int32] = []
  /// For a node with many children, the start of its row of `rows`; else -1.
  private var rowOfNode: [Int32] = []
  private var rows: [Int32] = []

  private static let manyChildren = 24

  /// - Parameter tokens: spellings that are not empty, by their ids; of equal ones the later stays.
  init(_ tokens: [ArraySlice<UInt8>]) {
    let order = tokens.indices.filter { !tokens[$0].isEmpty }.sorted { one, other in
      tokens[one].elementsEqual(tokens[other]) ? one < other : tokens[one].lexicographicallyPrecedes(tokens[other])
    }
    // A range of the sorted tokens for every node, level by level.
    var level = [0..<order.count]
    (labels, pieces) = ([0], [-1])
    var depth = 0
    while !level.isEmpty {
      var below: [Range<Int>] = []
      for range in level {
        firstChild.append(Int32(labels.count))
        var start = range.lowerBound
        while start < range.upperBound {
          let label = Self.byte(tokens[order[start]], depth)
          var end = start
          var piece: Int32 = -1
          while end < range.upperBound, Self.byte(tokens[order[end]], depth) == label {
            if tokens[order[end]].count == depth + 1 { piece = Int32(order[end]) }
            end += 1
          }
          labels.append(label)
          pieces.append(piece)
          // Those that end here are the first ones of the range.
          var rest = start
          while rest < end, tokens[order[rest]].count == depth + 1 { rest += 1 }
          below.append(rest..<end)
          start = end
        }
      }
      level = below
      depth += 1
    }
    firstChild.append(Int32(labels.count))
    addRows()
  }

  private static func byte(_ token: ArraySlice<UInt8>, _ depth: Int) -> UInt8 { token[token.startIndex + depth] }

  private mutating func addRows() {
    rowOfNode = [Int32](repeating: -1, count: labels.count)
    for node in labels.indices {
      let children = firstChild[node]..<firstChild[node + 1]
      guard children.count >= Self.manyChildren else { continue }
      rowOfNode[node] = Int32(rows.count)
      rows += repeatElement(-1, count: 256)
      for child in children { rows[Int(rowOfNode[node]) + Int(labels[Int(child)])] = child }
    }
  }

  /// Calls a closure with every piece that bytes begin with, the shortest first, and its length.
  @inline(__always)
  func eachPrefix(of bytes: UnsafeBufferPointer<UInt8>, from start: Int, _ body: (_ piece: Int32, _ end: Int) -> Void) {
    firstChild.withUnsafeBufferPointer { firstChild in
      labels.withUnsafeBufferPointer { labels in
        pieces.withUnsafeBufferPointer { pieces in
          rowOfNode.withUnsafeBufferPointer { rowOfNode in
            rows.withUnsafeBufferPointer { rows in
              var node = 0
              var position = start
              while position < bytes.count {
                let byte = bytes[position]
                let row = rowOfNode[node]
                if row >= 0 {
                  let child = rows[Int(row) + Int(byte)]
                  guard child >= 0 else { return }
                  node = Int(child)
                } else {
                  var child = Int(firstChild[node])
                  let end = Int(firstChild[node + 1])
                  while child < end, labels[child] < byte { child += 1 }
                  guard child < end, labels[child] == byte else { return }
                  node = child
                }
                position += 1
                let piece = pieces[node]
                if piece >= 0 { body(piece, position) }
              }
            }
          }
        }
      }
    }
  }
}
