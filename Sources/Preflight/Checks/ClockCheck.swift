/// Whether the hosts agree on the time of day. Nothing that is computed depends on it, but who reads several logs does.
struct ClockCheck: Check {
  private static let tolerable = 1.0

  func findings(in evidence: Evidence) -> [Finding] {
    guard evidence.hosts.count > 1 else { return [] }
    return evidence.hosts.compactMap { host in
      guard let (ahead, uncertainty) = host.clock else { return nil }
      let figures = ["ahead_seconds": ahead, "uncertainty_seconds": uncertainty]
      let found =
        abs(ahead) <= uncertainty
        ? "as here, within \(Amount.time(uncertainty))"
        : "\(Amount.time(abs(ahead))) \(ahead > 0 ? "ahead of" : "behind") this machine, ± \(Amount.time(uncertainty))"
      guard abs(ahead) - uncertainty > Self.tolerable else {
        return Finding(.ok, "clock", host: host.host.name, found, figures: figures)
      }
      return Finding(
        .warning, "clock", host: host.host.name, found, advice: "let chrony or another NTP client set it",
        figures: figures)
    }
  }
}
