extension Trainer {
  /// Whether all ranks hold the same weights after the present step: always, but between outer steps.
  package var isInStep: Bool {
    guard let outer else { return true }
    return step % outer.interval == 0 || step == settings.totalSteps
  }

  /// Whether what is wanted every `interval` steps falls on the present one, or fell on one since ranks last held the same.
  package func isDue(every interval: Int) -> Bool {
    guard let outer else { return step % interval == 0 }
    let last = (step - 1) / outer.interval * outer.interval
    return isInStep && step / interval > last / interval
  }
}
