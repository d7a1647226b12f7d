import Crypto
import Support

extension Dataset {
  /// SHA-256 of all rows as a model sees them: ids, targets, and tokens or pixels, in their order.
  package var contentDigest: String {
    var hash = SHA256()
    func add<Number: BitwiseCopyable>(_ numbers: [Number]) {
      withUnsafeBytes(of: numbers.count) { hash.update(bufferPointer: $0) }
      numbers.withUnsafeBytes { hash.update(bufferPointer: $0) }
    }
    for first in stride(from: 0, to: rowCount, by: 256) {
      let rows = Array(first..<min(rowCount, first + 256))
      let batch = microbatch(rows: rows, positions: 0..<rows.count)
      add(batch.sampleIDs)
      add(batch.targets.map { $0.isNaN ? UInt32.max : $0.bitPattern })
      // Rows that all count 1 hash as they did before there were weights.
      let weights = rows.map(weight)
      if weights.contains(where: { $0 != 1 }) { add(weights) }
      switch batch.input {
      case .tokens(let tokens):
        add(tokens.ids)
        add(tokens.typeIDs)
        add(tokens.offsets)
        if let groups = batch.groups ?? batch.windows { add(groups) }
        if let words = batch.words { add(words.tokens + words.borders) }
      case .images(let images):
        add([images.channels, images.height, images.width])
        add(images.pixels)
      }
    }
    return hash.finalize().hexadecimal
  }
}

/// SHA-256 of texts in their order, such as the names of classes.
package func digest(of texts: [String]) -> String {
  var hash = SHA256()
  for text in texts { hash.update(data: Array("\(text.utf8.count) \(text)".utf8)) }
  return hash.finalize().hexadecimal
}
