extension ScoredRows {
  /// Words whose outputs are 1 for the tag that is chosen and 0 for the others, of words behind whose probabilities the number
  /// of that tag stands.
  var ofChosenTags: ScoredRows {
    outputs { own in (0..<width - 1).map { $0 == Int(own[own.endIndex - 1]) ? 1 : 0 } }
  }

  /// The same words with the probabilities alone.
  var ofProbabilities: ScoredRows { outputs { $0.dropLast() } }

  private func outputs(_ change: (ArraySlice<Double>) -> some Sequence<Double>) -> ScoredRows {
    guard outputs.allSatisfy(\.isFinite) else { return self }
    return ScoredRows(
      width: width - 1, outputs: (0..<rows).flatMap { change(outputs(of: $0)) }, targetWidth: targetWidth,
      targets: targets, groups: groups)
  }
}
