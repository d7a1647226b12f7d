import Glibc

/// Serves all connections on one thread, which waits for whichever has something to do.
struct PageLoop: ~Copyable {
  private let listener: Int32
  private let handler: PageHandler
  private let stop: StopSignal
  private let limits: ServerLimits
  private var connections: [Connection] = []

  init(_ listener: Int32, _ handler: PageHandler, _ stop: StopSignal, _ limits: ServerLimits = ServerLimits()) {
    (self.listener, self.handler, self.stop, self.limits) = (listener, handler, stop, limits)
  }

  /// Serves until the signal to stop; then lets the open streams see the end.
  mutating func run() {
    // What there is already is read before the first page asks for it.
    handler.watch.prepare()
    while !stop.isGiven { turn(accepting: true) }
    handler.watch.isClosing = true
    let end = ContinuousClock.now + limits.closingTime
    for connection in connections { connection.end() }
    while connections.contains(where: { $0.wantsToSend }), .now < end { turn(accepting: false) }
  }

  private mutating func turn(accepting: Bool) {
    var polled = [
      pollfd(fd: accepting ? stop.descriptor : -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: accepting ? listener : -1, events: Int16(POLLIN), revents: 0),
    ]
    polled += connections.map {
      pollfd(fd: $0.descriptor, events: Int16($0.wantsToSend ? POLLIN | POLLOUT : POLLIN), revents: 0)
    }
    guard poll(&polled, nfds_t(polled.count), wait) >= 0 else { return }
    for (connection, state) in zip(connections, polled.dropFirst(2)) {
      if state.revents & Int16(POLLOUT) != 0 { connection.send() }
      if state.revents & ~Int16(POLLOUT) != 0, let head = connection.receive() { answer(head, on: connection) }
    }
    let now = ContinuousClock.now
    for connection in connections where connection.deadline <= now { connection.expire() }
    connections.removeAll { $0.phase == .over }
    if polled[1].revents != 0 { accept() }
  }

  /// Milliseconds until the next deadline.
  private var wait: Int32 {
    guard let next = connections.map(\.deadline).min() else { return -1 }
    let left = (next - .now) / Duration.milliseconds(1)
    return Int32(max(0, min(left.rounded(.up), stop.isGiven ? 50 : 60_000)))
  }

  private func answer(_ head: ArraySlice<UInt8>, on connection: Connection) {
    guard let request = PageRequest(head) else {
      return connection.answer(.text(.badRequest, "This is not a request of HTTP/1.1."))
    }
    let hasBody = request.method != "HEAD"
    switch handler.reply(to: request) {
    case .whole(let response): connection.answer(response, hasBody: hasBody)
    case .stream(let subject, let points):
      guard connections.count(where: { $0.phase == .stream }) < limits.streams else {
        return connection.answer(.text(.unavailable, "Too many pages are open."), hasBody: hasBody)
      }
      connection.answer(EventStream(watch: handler.watch, subject: subject, points: points), hasBody: hasBody)
    }
  }

  private mutating func accept() {
    let descriptor = Glibc.accept(listener, nil, nil)
    guard descriptor >= 0 else {
      // At the limit of files or memory the connection stays in the queue: it is not asked for again at once.
      if ![EAGAIN, EINTR, ECONNABORTED].contains(errno) { usleep(100_000) }
      return
    }
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    var size = limits.sendBuffer
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    let connection = Connection(descriptor, limits)
    if connections.count < limits.connections {
      connections.append(connection)
    } else {
      connection.answer(.text(.unavailable, "Too many connections are open."))
    }
  }
}
