/// Who meets whom when everyone is to meet everyone else once.
package enum Tournament {
  /// Rounds of pairs of 0 ..< `players`, lower number first; in a round nobody plays twice. The circle method: one stays, the others
  /// move on by one place a round.
  package static func rounds(of players: Int) -> [[(Int, Int)]] {
    guard players > 1 else { return [] }
    let places = players + players % 2
    return (0..<places - 1).map { round in
      let circle = [0] + (0..<places - 1).map { ($0 + round) % (places - 1) + 1 }
      return (0..<places / 2).compactMap { place in
        let (one, other) = (circle[place], circle[places - 1 - place])
        return max(one, other) < players ? (min(one, other), max(one, other)) : nil
      }
    }
  }
}
