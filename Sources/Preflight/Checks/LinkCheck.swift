import Bootstrap

/// What the ways between all pairs of hosts carry.
struct LinkCheck: Check {
  /// How far below the others a way is remarkable.
  private static let share = 0.4
  /// Bytes a second below which sums take longer than most computing: 100 Mbit/s.
  private static let slow = 12.5e6
  /// A round trip beyond what a network in one room takes.
  private static let far = 2e-3

  func findings(in evidence: Evidence) -> [Finding] {
    let rates = evidence.links.compactMap { try? $0.figures.get() }.map(rate).sorted()
    let median = rates.isEmpty ? 0 : rates[rates.count / 2]
    return evidence.links.map { link in
      let (from, to) = (evidence.hosts[link.from].host.name, evidence.hosts[link.to].host.name)
      switch link.figures {
      case .success(let figures): return judge(figures, "\(from) – \(to)", median)
      case .failure(let trouble):
        return Finding(
          .error, "link", host: from, "does not reach \(to) (\(trouble.words))",
          advice: "open the ports between the hosts, or give --interface the network that they share")
      }
    }
  }

  /// The slower direction: a ring is as fast as that.
  private func rate(_ figures: LinkFigures) -> Double { min(figures.sending, figures.receiving) }

  private func judge(_ figures: LinkFigures, _ hosts: String, _ median: Double) -> Finding {
    let found =
      "\(Amount.rate(bytesPerSecond: figures.sending)) there, \(Amount.rate(bytesPerSecond: figures.receiving)) back,"
      + " round trip \(Amount.time(figures.roundTrip)) (\(figures.address))"
    let numbers = [
      "round_trip_seconds": figures.roundTrip, "sending_bytes_per_second": figures.sending,
      "receiving_bytes_per_second": figures.receiving,
    ]
    func warning(_ words: String, _ advice: String) -> Finding {
      Finding(.warning, "link", host: hosts, "\(found), \(words)", advice: advice, figures: numbers)
    }
    if rate(figures) < Self.slow { return warning("slow for sums", "sum less often, or use a faster network") }
    if rate(figures) < Self.share * median {
      return warning("slower than the others", "look at its cable, its switch port and its --interface")
    }
    if figures.roundTrip > Self.far { return warning("far apart", "use hosts that are close to each other") }
    return Finding(.ok, "link", host: hosts, found, figures: numbers)
  }
}
