import Foundation
import Runs

/// Serves the page of one run's folder, until the program ends.
package final class PageServer: Sendable {
  /// Where it listens; the port is the real one where 0 was asked for.
  package let address: PageAddress
  private let stop = StopSignal()
  private let isOver = DispatchSemaphore(value: 0)

  /// Begins to listen.
  /// - Parameter token: demanded of every request.
  /// - Throws: `DashboardError` where the address cannot be had.
  package init(_ directory: RunDirectory, address: PageAddress, token: AccessToken) throws {
    let listener = try Listener(address)
    self.address = listener.address
    let thread = Thread { [stop, isOver] in
      let handler = PageHandler(
        watch: RunWatch(directory), gate: Gate(token: token), names: HostNames(of: listener.address))
      var loop = PageLoop(listener.descriptor, handler, stop)
      loop.run()
      close(listener.descriptor)
      isOver.signal()
    }
    thread.name = "page"
    thread.start()
  }

  /// Sends what is left to the pages that are open, and ends; takes a second or two at most, and no time where none is.
  package func end() {
    stop.give()
    _ = isOver.wait(timeout: .now() + 2)
  }
}
