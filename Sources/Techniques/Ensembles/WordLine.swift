import Data
import Support

/// The words of a line of predictions, and the probability of each tag of each word that is read.
struct WordLine {
  let words: RowWords
  /// [words that are read × names]
  let numbers: [Double]
  let names: [String]

  /// - Throws: `EnsembleError` where the line is not one that predict wrote with `--probabilities`.
  init(_ json: JSONValue, file: String, index: Int) throws {
    guard case .array(let probabilities)? = json["probabilities"], case .array(let places)? = json["places"],
      case .string(let text)? = json["text"], case .array(let classes)? = json["classes"]
    else { throw Self.without(file, index) }
    let broken = EnsembleError(
      file, index, "has words, places, probabilities and classes that do not belong together",
      "give the file that predict wrote")
    names = classes.compactMap { if case .string(let name) = $0 { name } else { nil } }
    let length = text.unicodeScalars.count
    let found = places.compactMap { place -> Range<Int>? in
      guard case .array(let ends) = place, ends.count == 2, case .integer(let start) = ends[0],
        case .integer(let end) = ends[1], 0 <= start, start <= end, end <= length
      else { return nil }
      return start..<end
    }
    guard !names.isEmpty, names.count == classes.count, found.count == places.count, found.count == probabilities.count
    else { throw broken }
    var (areRead, numbers): ([Bool], [Double]) = ([], [])
    for word in probabilities {
      switch word {
      case .null: areRead.append(false)
      case .array(let values):
        let own = values.compactMap(\.anyNumber)
        guard own.count == names.count, values.count == own.count else { throw broken }
        areRead.append(true)
        numbers += own
      default: throw broken
      }
    }
    self.numbers = numbers
    words = RowWords(text: text, places: found, areRead: areRead)
  }

  /// What a file says that holds tags alone.
  static func without(_ file: String, _ index: Int) -> EnsembleError {
    EnsembleError(
      file, index, "holds the tags of words without their probabilities",
      "write it again with lockstep predict --probabilities as .jsonl, or put the models together with lockstep average"
    )
  }
}

extension [Double] {
  /// The numbers of each word, or of the row, in another order of their names.
  func reordered(by places: [Int]) -> [Double] {
    stride(from: 0, to: count, by: Swift.max(1, places.count)).flatMap { first in places.map { self[first + $0] } }
  }
}
