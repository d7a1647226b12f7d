import Synchronization
import Transport

extension Communicator {
  /// Moves bytes on the links until none move any more, and looks again for `patience` nanoseconds.
  func pump(_ driven: inout Driven, data: Bool, control: Bool, patience: Nanoseconds) {
    var control = control
    var now = System.now
    var lastMove = now
    if data { driven.engine.hostMemory?.wakeUp() }
    while true {
      var moved = false
      watchdog?.turn(now)
      if data {
        if driven.engine.sharesMemory {
          moved = driven.engine.advanceShared(now)
        } else {
          for index in driven.data.indices where driven.data[index].isOpen {
            moved = move(&driven.data[index], driven.engine, now) || moved
          }
        }
        if moved, let onProgress = hooks.onProgress, let position = driven.engine.position {
          onProgress(position.sequence, position.fraction)
        }
      }
      if control {
        driven.engine.tick(now: now)
        for index in driven.control.indices where driven.control[index].isOpen {
          moved = move(&driven.control[index], driven.engine, now) || moved
          if !driven.control[index].isOpen { controlPoller.forget(driven.control[index].socket.descriptor) }
        }
        // While nothing moves, only data is looked for again: a look costs a system call a link.
        control = moved
      }
      if moved {
        lastMove = now
        if !control, !driven.engine.isBusy { return }
      } else if !data || !driven.engine.isBusy {
        return
      } else if now - lastMove >= patience {
        // One more look after the others can see that this rank sleeps.
        guard driven.engine.hostMemory?.fallAsleep() ?? false else { return }
      } else {
        System.pause()
      }
      now = System.now
    }
  }

  /// Sends and receives on one link what it takes and has at once; returns whether anything moved.
  private func move(_ channel: inout Channel, _ engine: Engine, _ now: Nanoseconds) -> Bool {
    var moved = false
    let outgoing = engine.sendWindow(channel.link)
    if !outgoing.isEmpty, channel.sends {
      switch channel.socket.send(outgoing) {
      case .moved(let count):
        if let since = channel.blockedSince { clock.noteBlock(now - min(now, since)) }
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
      switch channel.socket.receive(incoming) {
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
