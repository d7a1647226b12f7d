import Diagnostics
import Transport

/// A message between ranks, next to the data, over the star of control links to rank 0.
package enum ControlMessage: Sendable, Equatable {
  /// "I live": how far this rank is.
  case heartbeat(Progress)
  /// To rank 0: this rank saw something go wrong.
  case suspect(Evidence)
  /// From rank 0: how far are you, and what is your name for this operation?
  case inquiry(operation: UInt64)
  /// To rank 0: the answer.
  case report(Progress, name: String, traffic: [Traffic])
  /// From rank 0: it is over, and why.
  case abort(Verdict)
  /// This rank has done everything it wanted to do.
  case goodbye(Progress)
  /// This rank gives up.
  case failed(reason: String, Progress)

  /// How far a rank is.
  package struct Progress: Sendable, Equatable {
    /// The training step and what the program is doing, as last noted.
    package var step = 0
    package var phase = "start"
    /// How many operations are complete.
    package var completed: UInt64 = 0
    /// The operation that runs, if any: signature and words.
    package var signature: UInt64 = 0
    package var operation = ""
    /// How many segments have come and gone; if no rank's number grows, something is stuck.
    package var moved: UInt64 = 0
    /// How it has spent its time.
    package var times = RankTimes()

    package init(
      step: Int = 0, phase: String = "start", completed: UInt64 = 0, signature: UInt64 = 0, operation: String = "",
      moved: UInt64 = 0, times: RankTimes = RankTimes()
    ) {
      self.step = step
      self.phase = phase
      self.completed = completed
      self.signature = signature
      self.operation = operation
      self.moved = moved
      self.times = times
    }

    package var isActive: Bool { !operation.isEmpty }
    package var activity: String { isActive ? operation : phase }
  }

  /// How far the running operation is on the link with one peer.
  package struct Traffic: Sendable, Equatable {
    package var peer: Int
    /// How many segments have come, and whether more are wanted at once.
    package var received: UInt32
    package var isWaiting: Bool
    /// How many segments are gone, and whether another is ready but not taken.
    package var sent: UInt32
    package var isBlocked: Bool

    package init(peer: Int, received: UInt32, isWaiting: Bool, sent: UInt32, isBlocked: Bool) {
      self.peer = peer
      self.received = received
      self.isWaiting = isWaiting
      self.sent = sent
      self.isBlocked = isBlocked
    }
  }

  /// What a rank saw.
  package struct Evidence: Sendable, Equatable {
    package var rank: Int
    package var cause: Verdict.Cause
    package var detail: String
    package var progress: Progress

    package init(rank: Int, cause: Verdict.Cause, detail: String, progress: Progress) {
      self.rank = rank
      self.cause = cause
      self.detail = detail
      self.progress = progress
    }
  }

  /// Whether the answer to it, or what becomes of it, depends on how far the running operation is with each peer.
  var asksForTraffic: Bool {
    switch self {
    case .inquiry, .report: true
    default: false
    }
  }

  /// The longest message; what is longer was not sent by us.
  static let limit = 16 << 10

  package func encoded() -> [UInt8] {
    var writer = ByteWriter()
    func text(_ string: String) -> [UInt8] { Array(string.utf8.prefix(2048)) }
    func write(_ progress: Progress) {
      writer.write(Int64(progress.step))
      writer.write(text(progress.phase))
      writer.write(progress.completed)
      writer.write(progress.signature)
      writer.write(text(progress.operation))
      writer.write(progress.moved)
      let times = progress.times
      let parts = [times.data, times.compute, times.communication, times.stopped, times.blocked, times.memory]
      for part in parts { writer.write(part) }
    }
    switch self {
    case .heartbeat(let progress):
      writer.write(UInt8(1))
      write(progress)
    case .suspect(let evidence):
      writer.write(UInt8(2))
      writer.write(UInt16(evidence.rank))
      writer.write(evidence.cause.code)
      writer.write(text(evidence.detail))
      write(evidence.progress)
    case .inquiry(let operation):
      writer.write(UInt8(3))
      writer.write(operation)
    case .report(let progress, let name, let traffic):
      writer.write(UInt8(4))
      write(progress)
      writer.write(text(name))
      let kept = traffic.prefix(1000)
      writer.write(UInt16(kept.count))
      for link in kept {
        writer.write(UInt16(link.peer))
        writer.write(link.received)
        writer.write(link.sent)
        writer.write((link.isWaiting ? 1 : 0) | (link.isBlocked ? 2 : 0) as UInt8)
      }
    case .abort(let verdict):
      writer.write(UInt8(5))
      writer.write(UInt16(verdict.rank))
      writer.write(text(verdict.host))
      writer.write(verdict.cause.code)
      writer.write(text(verdict.detail))
      writer.write(text(verdict.operation))
      writer.write(Int64(verdict.step))
    case .goodbye(let progress):
      writer.write(UInt8(6))
      write(progress)
    case .failed(let reason, let progress):
      writer.write(UInt8(7))
      writer.write(text(reason))
      write(progress)
    }
    return writer.bytes
  }

  /// Takes a message apart; nil if it is malformed.
  package init?(decoding bytes: [UInt8]) {
    guard let message = try? Self.decode(bytes) else { return nil }
    self = message
  }

  private static func decode(_ bytes: [UInt8]) throws(ByteReader.Truncated) -> Self? {
    var reader = ByteReader(bytes)
    switch try reader.read(UInt8.self) {
    case 1: return .heartbeat(try Progress(from: &reader))
    case 2:
      let rank = Int(try reader.read(UInt16.self))
      guard let cause = Verdict.Cause(code: try reader.read()) else { return nil }
      let detail = try reader.readString()
      return .suspect(Evidence(rank: rank, cause: cause, detail: detail, progress: try Progress(from: &reader)))
    case 3: return .inquiry(operation: try reader.read())
    case 4:
      let progress = try Progress(from: &reader)
      let name = try reader.readString()
      var traffic: [Traffic] = []
      for _ in 0..<(try reader.read(UInt16.self)) {
        let (peer, received, sent) = (
          try reader.read(UInt16.self), try reader.read(UInt32.self), try reader.read(UInt32.self)
        )
        let flags = try reader.read(UInt8.self)
        traffic.append(
          Traffic(
            peer: Int(peer), received: received, isWaiting: flags & 1 != 0, sent: sent, isBlocked: flags & 2 != 0))
      }
      return .report(progress, name: name, traffic: traffic)
    case 5:
      let rank = Int(try reader.read(UInt16.self))
      let host = try reader.readString()
      guard let cause = Verdict.Cause(code: try reader.read()) else { return nil }
      let detail = try reader.readString()
      let operation = try reader.readString()
      let step = Int(try reader.read(Int64.self))
      return .abort(
        Verdict(rank: rank, host: host, cause: cause, detail: detail, operation: operation, step: step))
    case 6: return .goodbye(try Progress(from: &reader))
    case 7:
      let reason = try reader.readString()
      return .failed(reason: reason, try Progress(from: &reader))
    default: return nil
    }
  }
}

extension ControlMessage.Progress {
  init(from reader: inout ByteReader) throws(ByteReader.Truncated) {
    step = Int(try reader.read(Int64.self))
    phase = try reader.readString()
    completed = try reader.read()
    signature = try reader.read()
    operation = try reader.readString()
    moved = try reader.read()
    times = RankTimes(
      data: try reader.read(), compute: try reader.read(), communication: try reader.read(),
      stopped: try reader.read(), blocked: try reader.read(), memory: try reader.read())
  }
}
