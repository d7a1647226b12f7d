import Tensors

extension TokenDataset {
  public func microbatch(rows selected: [Int], positions: Range<Int>) -> Microbatch {
    require(selected.count == positions.count, "\(selected.count) rows for the positions \(positions)")
    let total = selected.reduce(0) { $0 + length($1) }
    var batch = TokenBatch(ids: [], typeIDs: [], positions: [], offsets: [0])
    batch.ids.reserveCapacity(total)
    batch.typeIDs.reserveCapacity(total)
    batch.positions.reserveCapacity(total)
    for row in selected {
      batch.ids.append(contentsOf: tokens(row))
      for sequence in sequences(row) {
        let length = Int(rows.offsets[sequence + 1] - rows.offsets[sequence])
        let pairStart = Int(rows.pairStarts[sequence])
        batch.typeIDs.append(contentsOf: repeatElement(0, count: pairStart))
        batch.typeIDs.append(contentsOf: repeatElement(1, count: length - pairStart))
        batch.positions.append(contentsOf: 0..<Int32(length))
        batch.offsets.append(Int32(batch.positions.count))
      }
    }
    let groups = mostSequences > 1 ? groups(of: selected, at: positions) : nil
    return Microbatch(
      input: .tokens(batch), targets: selected.flatMap(targets), rows: positions.map(Int32.init),
      sampleIDs: selected.map(sampleID), groups: averagesWindows ? nil : groups?.borders,
      windows: averagesWindows ? groups?.borders : nil, sequences: groups?.coordinates,
      words: rows.layout.wordCount.map { _ in labelledWords(of: selected) })
  }

  private func labelledWords(of selected: [Int]) -> LabelledWords {
    var words = LabelledWords(tokens: [], borders: [0])
    var offset: Int32 = 0
    for row in selected {
      words.tokens += scoredTokens(row).map { offset + $0 }
      words.borders.append(Int32(words.tokens.count))
      offset += Int32(length(row))
    }
    return words
  }

  /// Where rows' sequences begin, and the coordinates of the random draws of each: no two of a global batch share one.
  private func groups(of selected: [Int], at positions: Range<Int>) -> (borders: [Int32], coordinates: [Int32]) {
    var (borders, coordinates): ([Int32], [Int32]) = ([0], [])
    for (row, position) in zip(selected, positions) {
      for index in 0..<sequences(row).count {
        // An evaluation, which draws nothing, may have more positions than there are coordinates.
        coordinates.append(Int32(truncatingIfNeeded: position * mostSequences + index))
      }
      borders.append(Int32(coordinates.count))
    }
    return (borders, coordinates)
  }
}
