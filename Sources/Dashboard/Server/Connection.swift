import Glibc

/// One connection: a request, its answer, and the end.
///
///     head ──▶ answer ──▶ linger ──▶ over
///       └────▶ stream ───────┘
///
/// An event of a stream is made when the one before it has left, so that a client that does not read costs one event.
final class Connection {
  enum Phase { case head, answer, stream, linger, over }

  let descriptor: Int32
  private(set) var phase = Phase.head
  /// When `expire` is due.
  private(set) var deadline: ContinuousClock.Instant
  private let limits: ServerLimits
  private var head: [UInt8] = []
  private var dropped = 0
  private var output: [UInt8] = []
  private var sent = 0
  private var stream: EventStream?

  init(_ descriptor: Int32, _ limits: ServerLimits) {
    (self.descriptor, self.limits) = (descriptor, limits)
    deadline = .now + limits.headTime
  }

  deinit { close(descriptor) }

  var wantsToSend: Bool { sent < output.count }

  /// Takes bytes that have arrived.
  /// - Returns: the bytes of a head, once, when it is complete.
  func receive() -> ArraySlice<UInt8>? {
    let count = withUnsafeTemporaryAllocation(byteCount: 1 << 14, alignment: 1) { buffer in
      let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
      if count > 0, phase == .head { head += buffer.prefix(min(count, limits.headBytes - head.count)) }
      return count
    }
    guard count > 0 else {
      if count == 0 || errno != EAGAIN && errno != EINTR { phase = .over }
      return nil
    }
    guard phase == .head else {
      dropped += count
      if dropped > limits.lingerBytes { phase = .over }
      return nil
    }
    return completeHead(new: count)
  }

  private func completeHead(new count: Int) -> ArraySlice<UInt8>? {
    let end = Array("\r\n\r\n".utf8)
    let start = max(0, head.count - count - end.count + 1)
    if let found = (start...max(start, head.count)).first(where: { head[$0...].starts(with: end) }) {
      return head[..<found]
    }
    if head.count >= limits.headBytes { answer(.text(.headTooLarge, "The head of the request is too long.")) }
    return nil
  }

  /// Sends the whole answer, and nothing after it.
  func answer(_ response: PageResponse, hasBody: Bool = true) {
    (phase, head) = (.answer, [])
    queue(response.bytes(hasBody: hasBody))
  }

  /// Sends events until `end`.
  func answer(_ stream: EventStream, hasBody: Bool) {
    (phase, head) = (hasBody ? .stream : .answer, [])
    self.stream = stream
    let head = Array(PageResponse.head(.ok, "text/event-stream").utf8)
    queue(hasBody ? head + (self.stream?.next() ?? []) : head)
  }

  /// Sends a stream's last event.
  func end() {
    guard phase == .stream else { return }
    if !wantsToSend { queue(stream?.next() ?? []) }
    phase = .answer
  }

  private func queue(_ bytes: [UInt8]) {
    (output, sent) = (bytes, 0)
    deadline = .now + limits.answerTime
    send()
  }

  /// Sends as much as the client takes.
  func send() {
    while wantsToSend {
      let count = output[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else {
        if errno != EAGAIN, errno != EINTR { phase = .over }
        return
      }
      sent += count
    }
    (output, sent) = ([], 0)
    switch phase {
    case .stream: deadline = .now + limits.eventInterval
    case .answer:
      phase = shutdown(descriptor, Int32(SHUT_WR)) == 0 ? .linger : .over
      deadline = .now + limits.lingerTime
    case .head, .linger, .over: break
    }
  }

  /// Does what is due at the deadline.
  func expire() {
    switch phase {
    case .head: answer(.text(.requestTimeout, "The request took too long."))
    case .stream where !wantsToSend: queue(stream?.next() ?? [])
    case .answer, .stream, .linger, .over: phase = .over
    }
  }
}
