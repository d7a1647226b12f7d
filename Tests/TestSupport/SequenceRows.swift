import Data
import Tensors

/// Rows held in memory, each of one or more sequences, with targets of any width.
package struct SequenceRows: Dataset {
  package struct Row: Sendable {
    package var sequences: [(ids: [Int32], typeIDs: [Int32])]
    /// nan where one is missing.
    package var targets: [Float]
    package var weight: Float
    /// The tokens at which labelled words begin; nil where the row is labelled as a whole.
    package var words: [Int32]?
    /// Of a row whose tokens are scored, what they are of its text.
    package var asked: RowWords?

    /// A question: every token of its windows has a code.
    package init(
      asked: RowWords, _ sequences: [(ids: [Int32], typeIDs: [Int32])], codes: [Float]
    ) {
      self.init(
        sequences, targets: codes, weight: Float(sequences.count), words: codes.indices.map { Int32($0) })
      self.asked = asked
    }

    /// - Parameter weight: nil for the number of targets that are there.
    package init(
      _ sequences: [(ids: [Int32], typeIDs: [Int32])], targets: [Float], weight: Float? = nil, words: [Int32]? = nil
    ) {
      (self.sequences, self.targets, self.words) = (sequences, targets, words)
      self.weight = weight ?? Float(targets.count { !$0.isNaN })
    }
  }

  package var rows: [Row]
  /// Whether the sequences of a row are windows of it.
  package var areWindows: Bool

  package init(_ rows: [Row], areWindows: Bool = false) { (self.rows, self.areWindows) = (rows, areWindows) }

  private var mostSequences: Int { rows.map(\.sequences.count).max() ?? 1 }

  package var rowCount: Int { rows.count }
  package func length(_ row: Int) -> Int { rows[row].sequences.reduce(0) { $0 + $1.ids.count } }
  package func windows(_ row: Int) -> Int { areWindows ? rows[row].sequences.count : 1 }
  package func targets(_ row: Int) -> [Float] { rows[row].targets }
  package func weight(_ row: Int) -> Float { rows[row].weight }
  package func sampleID(_ row: Int) -> Int { row }
  package func words(_ row: Int) -> RowWords? {
    rows[row].asked
      ?? rows[row].words.map { words in
        RowWords(text: "", places: words.map { _ in 0..<0 }, areRead: words.map { _ in true })
      }
  }

  package var scoringAllTokens: any Dataset {
    SequenceRows(
      rows.map { row in
        guard let words = row.words else { return row }
        var all = row
        all.words = (0..<Int32(row.sequences.reduce(0) { $0 + $1.ids.count })).map { $0 }
        all.targets = [Float](repeating: .nan, count: all.words?.count ?? 0)
        for (word, target) in zip(words, row.targets) { all.targets[Int(word)] = target }
        return all
      }, areWindows: areWindows)
  }

  package func microbatch(rows chosen: [Int], positions: Range<Int>) -> Microbatch {
    var batch = TokenBatch(ids: [], typeIDs: [], positions: [], offsets: [0])
    var (borders, coordinates): ([Int32], [Int32]) = ([0], [])
    for (row, position) in zip(chosen, positions) {
      for (index, sequence) in rows[row].sequences.enumerated() {
        batch.ids += sequence.ids
        batch.typeIDs += sequence.typeIDs
        batch.positions += sequence.ids.indices.map { Int32($0) }
        batch.offsets.append(Int32(batch.ids.count))
        coordinates.append(Int32(position * mostSequences + index))
      }
      borders.append(Int32(coordinates.count))
    }
    let isGrouped = mostSequences > 1
    return Microbatch(
      input: .tokens(batch), targets: chosen.flatMap(targets), rows: positions.map { Int32($0) }, sampleIDs: chosen,
      groups: isGrouped && !areWindows ? borders : nil, windows: isGrouped && areWindows ? borders : nil,
      sequences: isGrouped ? coordinates : nil, words: labelledWords(of: chosen))
  }

  private func labelledWords(of chosen: [Int]) -> LabelledWords? {
    guard rows.contains(where: { $0.words != nil }) else { return nil }
    // The first token of each row, of which the sequences stand one behind the other.
    let starts = chosen.reduce(into: [Int32(0)]) { $0.append($0[$0.count - 1] + Int32(length($1))) }
    let words = zip(chosen, starts).map { row, offset in (rows[row].words ?? []).map { offset + $0 } }
    return LabelledWords(
      tokens: words.flatMap { $0 }, borders: words.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1.count)) })
  }
}
