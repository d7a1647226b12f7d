import Collectives
import Diagnostics

extension Simulation {
  /// What came out of a run.
  struct Outcome {
    var complaint: String?
    var events: Int
    var time: UInt64
    var isCompleted: Bool
    var verdicts: [Verdict?]
  }

  /// Longest time from a fault to the end everywhere, in nanoseconds of the world: silence, evidence, verdict, hold, and the delays.
  private static let bound: UInt64 = 10_000_000_000
  /// For faults that only the deadline of the operation brings to light.
  private static let lateBound: UInt64 = 50_000_000_000
  private static let eventLimit = 20_000

  /// Runs until everything is over; says what rule was broken, if any.
  mutating func run() -> Outcome {
    var complaint: String?
    while complaint == nil, !isOver {
      strike()
      if isOver { break }
      if !act(), !passTime() {
        complaint = "nothing can happen any more"
      }
      events += 1
      if events > Self.eventLimit { complaint = "it does not end: \(events) events" }
      if !struck.isEmpty, time > struckAt + Self.lateBound { complaint = "it lasts too long after \(struck)" }
    }
    return Outcome(
      complaint: complaint ?? judge(), events: events, time: time,
      isCompleted: ranks.allSatisfy { $0.engine.hasParted }, verdicts: ranks.map(\.engine.verdict))
  }

  private var isOver: Bool {
    ranks.allSatisfy { $0.engine.isOver || $0.health == .dead || $0.health == .frozen }
  }

  /// Checks the rules at the end of a run.
  private func judge() -> String? {
    if let complaint = ranks.compactMap(\.complaint).first { return complaint }
    let harmful = struck.filter { !$0.culprits.isEmpty }
    if harmful.isEmpty {
      guard let victim = ranks.first(where: { !$0.engine.hasParted }) else { return nil }
      return "without a fault rank \(victim.rank) says \(victim.engine.verdict.map { "\($0)" } ?? "nothing")"
    }
    let culprits = harmful.reduce(into: Set()) { $0.formUnion($1.culprits) }
    let isDisagreement = harmful.contains {
      $0.isProgramError
    }
    for rank in ranks {
      guard let verdict = rank.engine.verdict, rank.health != .dead, rank.health != .frozen else { continue }
      if isDisagreement, verdict.cause == .disagreed { continue }
      if !culprits.contains(verdict.rank) {
        return "rank \(rank.rank) blames healthy rank \(verdict.rank) for \(struck): \(verdict)"
      }
    }
    return nil
  }

  // MARK: Events

  /// One thing that can happen now happens, chosen at random; returns false if nothing can.
  private mutating func act() -> Bool {
    for _ in 0..<2 * size {
      let rank = random.below(size)
      if tryAnything(rank) { return true }
    }
    let first = random.below(size)
    for offset in 0..<size {
      let rank = (first + offset) % size
      guard isAwake(rank) else { continue }
      if ranks[rank].advance(at: time) { return true }
      for link in ranks[rank].links where receive(rank, link) || send(rank, link) { return true }
    }
    return false
  }

  private mutating func tryAnything(_ rank: Int) -> Bool {
    guard isAwake(rank) else { return false }
    let links = ranks[rank].links
    let choice = random.below(links.count * 2 + 1)
    if choice == links.count * 2 { return ranks[rank].advance(at: time) }
    return choice % 2 == 0 ? send(rank, links[choice / 2]) : receive(rank, links[choice / 2])
  }

  private func isAwake(_ rank: Int) -> Bool {
    switch ranks[rank].health {
    case .well: true
    case .pausedUntil(let end): time >= end
    case .frozen, .dead: false
    }
  }

  /// How many of the bytes that could move do move: often all, often few.
  private mutating func portion(_ most: Int) -> Int { random.once(in: 2) ? most : 1 + random.below(most) }

  private mutating func send(_ rank: Int, _ link: Link) -> Bool {
    let route = Route(from: rank, to: link.peer, isControl: link.isControl)
    guard let count = sendSome(rank, link, route) else { return false }
    ranks[rank].engine.sent(count, on: link, now: ranks[rank].local(time))
    return after(rank)
  }

  /// Moves some of what a rank has to send into the pipe; returns how much, or nil if nothing can move.
  private mutating func sendSome(_ rank: Int, _ link: Link, _ route: Route) -> Int? {
    let window = ranks[rank].engine.sendWindow(link)
    if window.isEmpty || pipes[route]!.room == 0 { return nil }
    precondition(link.isControl || ranks[rank].engine.verdict == nil, "data is sent after the verdict")
    let bytes = window.bytes
    let count = portion(min(bytes.count, pipes[route]!.room))
    bytes.withUnsafeBytes { pipes[route]!.write(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    delay(route)
    return count
  }

  private mutating func receive(_ rank: Int, _ link: Link) -> Bool {
    let route = Route(from: link.peer, to: rank, isControl: link.isControl)
    guard pipes[route]!.opensAt <= time, !pipes[route]!.isBlackHole, !gone.contains(route) else { return false }
    let window = ranks[rank].engine.receiveWindow(link)
    if window.isEmpty { return false }
    if pipes[route]!.count == 0 {
      guard pipes[route]!.isClosed else { return false }
      gone.insert(route)
      ranks[rank].engine.ended(link, "closed", now: ranks[rank].local(time))
      return after(rank)
    }
    let count = portion(min(window.count, pipes[route]!.count))
    pipes[route]!.read(into: UnsafeMutableRawBufferPointer(rebasing: window[..<count]))
    ranks[rank].engine.received(count, on: link, now: ranks[rank].local(time))
    return after(rank)
  }

  private mutating func after(_ rank: Int) -> Bool {
    ranks[rank].takeCompletions()
    time += UInt64(random.below(20_000))
    if time >= ranks[rank].wakesAt { ranks[rank].engine.tick(now: ranks[rank].local(time)) }
    closeWhenOver(rank)
    return true
  }

  private mutating func delay(_ route: Route) {
    if delays, random.once(in: 20) { pipes[route]!.opensAt = time + UInt64(random.below(100_000_000)) }
  }

  /// A process that is over says what it still has to say, as far as there is room, and closes its connections.
  private mutating func closeWhenOver(_ rank: Int) {
    guard ranks[rank].engine.isOver else { return }
    for link in ranks[rank].links where link.isControl {
      let route = Route(from: rank, to: link.peer, isControl: true)
      while let count = sendSome(rank, link, route) {
        ranks[rank].engine.sent(count, on: link, now: ranks[rank].local(time))
      }
    }
    closeAll(from: rank)
  }

  /// Closes all connections of a rank; what it wrote can still be read.
  private mutating func closeAll(from rank: Int) {
    for link in ranks[rank].links {
      pipes[Route(from: rank, to: link.peer, isControl: link.isControl)]!.isClosed = true
    }
  }

  /// Lets time pass until something can happen again; returns false if nothing ever will.
  private mutating func passTime() -> Bool {
    var next = UInt64.max
    for rank in ranks {
      switch rank.health {
      case .well: if !rank.engine.isOver { next = min(next, rank.wakesAt) }
      case .pausedUntil(let end): next = min(next, time < end ? end : rank.wakesAt)
      case .frozen, .dead: break
      }
    }
    for pipe in pipes.values where pipe.opensAt > time { next = min(next, pipe.opensAt) }
    guard next != .max else { return false }
    time = max(time, next)
    for rank in ranks.indices where isAwake(rank) && !ranks[rank].engine.isOver {
      if ranks[rank].health != .well { ranks[rank].health = .well }
      if time >= ranks[rank].wakesAt { ranks[rank].engine.tick(now: ranks[rank].local(time)) }
      ranks[rank].takeCompletions()
      closeWhenOver(rank)
    }
    return true
  }

  // MARK: Faults

  private mutating func strike() {
    while let index = pending.firstIndex(where: { $0.at <= events }) {
      let fault = pending.remove(at: index).fault
      struck.append(fault)
      struckAt = time
      apply(fault)
    }
  }

  private mutating func apply(_ fault: Fault) {
    switch fault {
    case .kill(let rank):
      if ranks[rank].engine.isOver { return _ = struck.popLast() }
      ranks[rank].health = .dead
      closeAll(from: rank)
      for link in ranks[rank].links where random.once(in: 3) {
        pipes[Route(from: rank, to: link.peer, isControl: link.isControl)]!.reset()
      }
    case .freeze(let rank): if ranks[rank].health == .well { ranks[rank].health = .frozen }
    case .pause(let rank): if ranks[rank].health == .well { ranks[rank].health = .pausedUntil(time + 1_000_000_000) }
    case .cut(let one, let other):
      pipes[Route(from: one, to: other, isControl: false)]!.reset()
      pipes[Route(from: other, to: one, isControl: false)]!.reset()
    case .blackHole(let one, let other, let bothWays):
      pipes[Route(from: one, to: other, isControl: false)]!.isBlackHole = true
      if bothWays { pipes[Route(from: other, to: one, isControl: false)]!.isBlackHole = true }
    case .silence(let rank):
      pipes[Route(from: rank, to: 0, isControl: true)]!.isBlackHole = true
      pipes[Route(from: 0, to: rank, isControl: true)]!.isBlackHole = true
    case .damage(let one, let other, let isControl):
      pipes[Route(from: one, to: other, isControl: isControl)]!.damageAfter = random.below(200)
    case .giveUp(let rank): ranks[rank].engine.fail("disk full", now: ranks[rank].local(time))
    case .otherOperation, .leftOutOperation: preconditionFailure("\(fault) is in the program from the start")
    }
  }
}
