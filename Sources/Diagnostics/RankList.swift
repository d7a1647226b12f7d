/// Ranks in words.
package enum RankList {
  /// "rank 1", "ranks 1 and 3", "ranks 1, 3 and 4".
  package static func words(_ ranks: [Int]) -> String {
    let names = ranks.map(String.init)
    guard names.count > 1 else { return "rank \(names.first ?? "none")" }
    return "ranks \(names.dropLast().joined(separator: ", ")) and \(names[names.count - 1])"
  }
}
