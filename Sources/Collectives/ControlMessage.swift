/// What ranks tell each other beside the data, over the star of control links to rank 0.
package enum ControlMessage: Sendable, Equatable {
  /// "I live": how far this rank is.
  case heartbeat(Progress)
  /// To rank 0: this rank saw something go wrong.
  case suspect(Evidence)
  /// From rank 0: how far are you, and what is your name for this operation?
  case inquiry(operation: UInt64)
  /// To rank 0: the answer.
  case report(Progress, name: String)
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

    package var isActive: Bool { !operation.isEmpty }
    package var activity: String { isActive ? operation : phase }
  }

  /// What a rank saw.
  package struct Evidence: Sendable, Equatable {
    package var rank: Int
    package var cause: Verdict.Cause
    package var detail: String
    package var progress: Progress
  }

  /// The longest message; what is longer was not sent by us.
  static let limit = 16 << 10

  package func encoded() -> [UInt8] {
    var writer = ByteWriter()
    func text(_ string: String) -> [UInt8] { Array(string.utf8.prefix(2048)) }
    func write(_ progress: Progress) {
      writer.write(UInt64(progress.step))
      writer.write(text(progress.phase))
      writer.write(progress.completed)
      writer.write(progress.signature)
      writer.write(text(progress.operation))
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
    case .report(let progress, let name):
      writer.write(UInt8(4))
      write(progress)
      writer.write(text(name))
    case .abort(let verdict):
      writer.write(UInt8(5))
      writer.write(UInt16(verdict.rank))
      writer.write(text(verdict.host))
      writer.write(verdict.cause.code)
      writer.write(text(verdict.detail))
      writer.write(text(verdict.operation))
      writer.write(UInt64(verdict.step))
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
      return .report(progress, name: try reader.readString())
    case 5:
      let rank = Int(try reader.read(UInt16.self))
      let host = try reader.readString()
      guard let cause = Verdict.Cause(code: try reader.read()) else { return nil }
      let detail = try reader.readString()
      let operation = try reader.readString()
      let step = Int(truncatingIfNeeded: try reader.read(UInt64.self))
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
    step = Int(truncatingIfNeeded: try reader.read(UInt64.self))
    phase = try reader.readString()
    completed = try reader.read()
    signature = try reader.read()
    operation = try reader.readString()
  }
}
