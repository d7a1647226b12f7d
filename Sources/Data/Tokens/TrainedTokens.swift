/// Which tokens of words that are labelled are trained: the first of each, unless a run asks for others.
extension TokenDataset {
  public var labellingPieces: any Dataset { changed { $0.labelsPieces = true } }

  public var scoringAllTokens: any Dataset { changed { $0.scoresAllTokens = true } }

  /// The same rows with words that are trained otherwise.
  private func changed(_ change: (inout TokenDataset) -> Void) -> TokenDataset {
    var dataset = self
    if rows.layout.wordCount != nil { change(&dataset) }
    return dataset
  }

  /// The tokens of each word that have its target.
  private func labelledTokens(_ row: Int) -> [Range<Int32>] {
    let tokens = rows.wordTokens(row)
    return labelsPieces ? tokens : tokens.map { $0.lowerBound..<$0.lowerBound + 1 }
  }

  /// The tokens of a row that have scores, where words are labelled.
  func scoredTokens(_ row: Int) -> [Int32] {
    scoresAllTokens ? (0..<length(row)).map { Int32($0) } : labelledTokens(row).flatMap { Array($0) }
  }

  /// A target for each token of a row that has scores: that of its word, or nan.
  func spread(_ targets: ArraySlice<Float>, over row: Int) -> [Float] {
    let pairs = zip(targets, labelledTokens(row))
    guard scoresAllTokens else { return pairs.flatMap { repeatElement($0, count: $1.count) } }
    var all = [Float](repeating: .nan, count: length(row))
    for (target, tokens) in pairs {
      for token in tokens { all[Int(token)] = target }
    }
    return all
  }
}
