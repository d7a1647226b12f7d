/// What went wrong first, and where: the same on every rank that survives.
public struct Verdict: Sendable, Hashable, Codable {
  /// The kinds of failure, by how they are noticed.
  public enum Cause: String, Sendable, Codable, CaseIterable {
    /// Its connection ended without a farewell: killed, crashed, or exited early.
    case died
    /// Its connection stands but nothing comes: frozen, or cut off from the network.
    case silent
    /// Both ends live but their connection broke.
    case link
    /// Bytes of it did not fit their checksum or the protocol.
    case corrupted
    /// It submitted another operation than the others did.
    case disagreed
    /// It did not come to an operation within the deadline.
    case late
    /// It gave up by itself and said why.
    case failed
    /// It holds other weights, or another state of the optimizer, than the others.
    case diverged
    /// It was not there when the ranks met.
    case absent

    /// The number that stands for it between ranks.
    package var code: UInt8 { UInt8(Self.allCases.firstIndex(of: self)!) }

    package init?(code: UInt8) {
      guard Int(code) < Self.allCases.count else { return nil }
      self = Self.allCases[Int(code)]
    }
  }

  /// The rank that failed first.
  public var rank: Int
  /// The host it ran on.
  public var host: String
  public var cause: Cause
  /// What was seen, in words.
  public var detail: String
  /// The operation, or the phase, in which the others were.
  public var operation: String
  /// The training step in which the others were.
  public var step: Int

  public init(rank: Int, host: String, cause: Cause, detail: String, operation: String, step: Int) {
    self.rank = rank
    self.host = host
    self.cause = cause
    self.detail = detail
    self.operation = operation
    self.step = step
  }

  /// What ranks do before there are operations.
  package static let rendezvous = "rendezvous"
  /// Stands for the host of a rank that never said where it is.
  package static let unknownHost = "an unknown host"

  /// A rank that did not come to the rendezvous.
  package init(absent rank: Int, on host: String = Verdict.unknownHost, detail: String) {
    self.init(rank: rank, host: host, cause: .absent, detail: detail, operation: Self.rendezvous, step: 0)
  }

  /// 76 when ranks compute different things, else 75: something outside the program failed, a restart may help.
  public var exitStatus: Int32 { cause.isDisagreement ? 76 : 75 }
}

extension Verdict: CustomStringConvertible {
  public var description: String {
    "rank \(rank) on \(host) \(cause.words): \(detail) (step \(step), \(operation)); \(cause.advice)"
  }
}

extension Verdict.Cause {
  /// Whether the ranks computed different things, which no restart mends.
  package var isDisagreement: Bool { self == .disagreed || self == .diverged }

  /// The cause as the predicate of a sentence.
  public var words: String {
    switch self {
    case .died: "died"
    case .silent: "fell silent"
    case .link: "lost a connection"
    case .corrupted: "sent corrupted data"
    case .disagreed: "disagrees about the operation"
    case .late: "did not come in time"
    case .failed: "gave up"
    case .diverged: "holds another state"
    case .absent: "is missing"
    }
  }

  /// What the reader should do.
  package var advice: String {
    switch self {
    case .died:
      "look at that rank's own output for the reason, then start again from the last checkpoint"
    case .silent:
      "look whether that process is stopped or its host unreachable, then start again from the last checkpoint"
    case .link: "check the network between the two hosts, then start again from the last checkpoint"
    case .corrupted: "check that host's memory and network card, then start again from the last checkpoint"
    case .disagreed: "make every rank run the same program, recipe and data"
    case .late:
      "look what that rank is busy with, or allow operations more time, then start again"
    case .failed: "mend what that rank complains about, then start again"
    case .diverged: "check that host's memory, program and model files, then start again from the last checkpoint"
    case .absent:
      "check that rank's own output, the network between the hosts and their firewalls, then start again"
    }
  }
}
