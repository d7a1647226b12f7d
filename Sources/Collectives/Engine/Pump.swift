import Diagnostics
import Transport

/// Moves bytes between an engine and the links of its rank. Not safe for use from two threads.
final class Pump {
  /// One link and what carries it.
  private struct Channel {
    let link: Link
    let transport: any ByteTransport
    var isOpen = true
    var sends = true
    /// Since when it takes no bytes.
    var blockedSince: Nanoseconds?
  }

  /// The other work of every round of the loop.
  struct Attendants {
    let clock: PhaseClock
    let watchdog: Watchdog?
    /// Called after every move of an operation: its number and the part that is done.
    let onProgress: (@Sendable (UInt64, Double) -> Void)?
  }

  let engine: Engine
  private var control: [Channel] = []
  private var data: [Channel] = []
  private let controlPoller: Poller
  private let attendants: Attendants

  /// - Parameters:
  ///   - controlPoller: wakes for what comes over control links.
  ///   - dataPoller: wakes for all changes of data links.
  init(
    _ engine: Engine, over transports: [Link: any ByteTransport], controlPoller: Poller, dataPoller: Poller,
    _ attendants: Attendants
  ) {
    self.engine = engine
    self.controlPoller = controlPoller
    self.attendants = attendants
    for link in engine.links {
      guard let transport = transports[link] else { preconditionFailure("\(link) has no transport") }
      switch link {
      case .control:
        control.append(Channel(link: link, transport: transport))
        controlPoller.watch(transport.descriptor)
      case .data:
        data.append(Channel(link: link, transport: transport))
        dataPoller.watch(transport.descriptor, edges: true)
      }
    }
  }

  /// Whether all messages have gone that can.
  var isDrained: Bool { control.allSatisfy { !engine.hasMore(on: $0.link) || !$0.isOpen || !$0.sends } }

  /// Moves bytes on the links until none move any more, and looks again for `patience` nanoseconds.
  func run(data movesData: Bool, control movesControl: Bool, patience: Nanoseconds) {
    var movesControl = movesControl
    var now = System.now
    var lastMove = now
    if movesData { engine.hostMemory?.wakeUp() }
    while true {
      var moved = false
      attendants.watchdog?.kick(now)
      if movesData { moved = moveData(now) }
      if movesControl {
        moved = moveControl(now) || moved
        // While nothing moves, only data is looked for again: a look costs a system call a link.
        movesControl = moved
      }
      if moved {
        lastMove = now
        if !movesControl, !engine.isBusy { return }
      } else if !movesData || !engine.isBusy {
        return
      } else if now - lastMove >= patience {
        // One more look after the others can see that this rank sleeps.
        guard engine.hostMemory?.fallAsleep() ?? false else { return }
      } else {
        System.pause()
      }
      now = System.now
    }
  }

  private func moveData(_ now: Nanoseconds) -> Bool {
    var moved = false
    if engine.sharesMemory {
      moved = engine.advanceShared(now)
    } else {
      for index in data.indices where data[index].isOpen { moved = move(&data[index], now) || moved }
    }
    if moved, let onProgress = attendants.onProgress, let position = engine.position {
      onProgress(position.sequence, position.fraction)
    }
    return moved
  }

  private func moveControl(_ now: Nanoseconds) -> Bool {
    var moved = false
    engine.tick(now: now)
    for index in control.indices where control[index].isOpen {
      moved = move(&control[index], now) || moved
      if !control[index].isOpen { controlPoller.forget(control[index].transport.descriptor) }
    }
    return moved
  }

  /// Sends and receives on one link what it takes and has at once; returns whether anything moved.
  private func move(_ channel: inout Channel, _ now: Nanoseconds) -> Bool {
    var moved = false
    let outgoing = engine.sendWindow(channel.link)
    if !outgoing.isEmpty, channel.sends {
      switch channel.transport.send(outgoing) {
      case .moved(let count):
        if let since = channel.blockedSince { attendants.clock.noteBlock(now - min(now, since)) }
        channel.blockedSince = nil
        engine.sent(count, on: channel.link, now: now)
        moved = true
      case .wouldBlock: channel.blockedSince = channel.blockedSince ?? now
      // What the peer said before it closed is still to be read; reading finds the end.
      case .ended: channel.sends = false
      }
    }
    let incoming = engine.receiveWindow(channel.link)
    if !incoming.isEmpty {
      switch channel.transport.receive(incoming) {
      case .moved(let count):
        engine.received(count, on: channel.link, now: now)
        moved = true
      case .wouldBlock: break
      case .ended(.spoiled(let what)):
        channel.isOpen = false
        engine.spoiled(channel.link, what, now: now)
      case .ended(let end):
        channel.isOpen = false
        engine.ended(channel.link, end.words, now: now)
      }
    } else if !channel.sends {
      channel.isOpen = false
      engine.ended(channel.link, "it takes no more data", now: now)
    }
    return moved
  }
}
