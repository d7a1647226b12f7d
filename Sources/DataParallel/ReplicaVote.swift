/// Which of several ranks are in the wrong: those that hold something else than most.
package struct ReplicaVote: Equatable {
  /// Ranks that differ from the witness, in order.
  package let odd: [Int]
  /// A rank that holds what most hold.
  package let witness: Int
  /// Whether more than half of the ranks hold the same, so that the others are wrong.
  package let isCertain: Bool

  /// - Returns: nil where all hold the same.
  package init?(_ everyone: [[UInt64]]) {
    let votes = everyone.map { own in everyone.count { $0 == own } }
    guard let most = votes.max(), most < everyone.count, let witness = votes.firstIndex(of: most) else { return nil }
    self.witness = witness
    odd = everyone.indices.filter { everyone[$0] != everyone[witness] }
    isCertain = 2 * most > everyone.count
  }

  /// Where the first odd rank's words differ from the witness's.
  package func difference(of everyone: [[UInt64]]) -> Int? {
    zip(everyone[odd[0]], everyone[witness]).enumerated().first { $1.0 != $1.1 }?.offset
  }

  /// - Parameter kind: what differs, such as "weights".
  package func description(of kind: String) -> String {
    guard isCertain else {
      return "its \(kind) differ from those of rank \(witness); which of the two is right is unknown"
    }
    let whose = odd.count == 1 ? "its \(kind)" : "the \(kind) of ranks \(odd.map(String.init).joined(separator: ", "))"
    return "\(whose) differ from those of all other ranks"
  }
}
