/// When to start the ranks again, how long to wait before, and when to give up.
public struct RestartPolicy: Equatable, Sendable {
  /// How often the ranks are started again at most.
  public var maximumRestarts: Int
  /// How many consecutive starts may end without a new committed step.
  public var patience: Int
  /// Seconds before a restart that follows progress; each start without progress doubles it.
  public var firstPause: Double
  public var longestPause: Double

  public init(maximumRestarts: Int = 10, patience: Int = 3, firstPause: Double = 1, longestPause: Double = 60) {
    self.maximumRestarts = maximumRestarts
    self.patience = patience
    self.firstPause = firstPause
    self.longestPause = longestPause
  }

  /// One start of the ranks, as far as the policy looks at it.
  public struct Attempt: Equatable, Sendable {
    public var ending: Ending
    /// Whether it committed a step later than all before it.
    public var isProgress: Bool

    public init(_ ending: Ending, isProgress: Bool) {
      self.ending = ending
      self.isProgress = isProgress
    }
  }

  public enum Decision: Equatable, Sendable {
    /// The launch is over, with this exit status.
    case end(status: Int32)
    case restart(afterSeconds: Double)
    /// Another start is not worth it; the reason, and the exit status.
    case giveUp(reason: String, status: Int32)
  }

  /// What follows after these starts, the last of which has just ended.
  /// - Parameter isStopRequested: whether the supervisor itself was asked to stop.
  public func decision(after attempts: [Attempt], isStopRequested: Bool = false) -> Decision {
    guard let last = attempts.last else { return .restart(afterSeconds: 0) }
    switch last.ending {
    case .finished: return .end(status: 0)
    case .stopped: return .end(status: 85)
    case .refused(let status, _): return .giveUp(reason: "starting again would end the same way", status: status)
    case .failed: break
    }
    if isStopRequested { return .giveUp(reason: "a stop was requested", status: 75) }
    let fruitless = attempts.reversed().prefix { !$0.isProgress }.count
    if fruitless >= patience {
      return .giveUp(reason: "\(fruitless) consecutive starts committed no new step", status: 75)
    }
    if attempts.count > maximumRestarts {
      return .giveUp(reason: "it was restarted \(maximumRestarts) times", status: 75)
    }
    let doublings = Double(1 << min(fruitless, 20))
    return .restart(afterSeconds: min(firstPause * doublings, longestPause))
  }
}
