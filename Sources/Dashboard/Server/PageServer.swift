import FlyingFox
import FlyingSocks
import Foundation
import Training

/// Serves the page of one run's folder, until the program ends.
package actor PageServer {
  /// Where it listens; the port is the real one where 0 was asked for.
  package nonisolated let address: PageAddress
  package nonisolated let token: AccessToken?
  private let server: HTTPServer
  private let watch: RunWatch
  private let handler: PageHandler
  private let task: Task<Void, any Error>

  /// Seconds that a request may take until its answer begins.
  private static let timeout = 15.0

  /// Begins to listen.
  /// - Parameter token: demanded of every request; nil only where the address is this machine's alone.
  /// - Throws: `DashboardError` where the address cannot be had.
  package init(_ directory: RunDirectory, address: PageAddress, token: AccessToken?) async throws {
    precondition(token != nil || address.isLoopback, "\(address.host) is open to others: it takes a token")
    let watch = RunWatch(directory)
    // What there is already is read before the first page asks for it.
    _ = await watch.snapshot(points: 1)
    handler = PageHandler(watch: watch, gate: Gate(token: token))
    let server = try Self.server(address, handler)
    let task = Task { try await server.run() }
    do {
      try await server.waitUntilListening()
    } catch {
      task.cancel()
      throw Self.refusal((await task.result).failure, of: address)
    }
    self.address = await Self.listening(server, address)
    (self.server, self.watch, self.token, self.task) = (server, watch, token, task)
  }

  /// Sends what is left to the pages that are open, and ends; takes a second at most, and no time where none is.
  package func close() async {
    await watch.close()
    for _ in 0..<10 where !handler.seats.isEmpty { try? await Task.sleep(for: .milliseconds(100)) }
    await server.stop()
    task.cancel()
  }

  private static func server(_ address: PageAddress, _ handler: PageHandler) throws -> HTTPServer {
    if address.isVersion6 {
      return HTTPServer(
        address: try .inet6(ip6: address.host, port: address.port), timeout: timeout, logger: .disabled,
        handler: handler)
    }
    return HTTPServer(
      address: try .inet(ip4: address.host, port: address.port), timeout: timeout, logger: .disabled, handler: handler)
  }

  private static func listening(_ server: HTTPServer, _ asked: PageAddress) async -> PageAddress {
    var found = asked
    switch await server.listeningAddress {
    case .ip4(_, let port), .ip6(_, let port): found.port = port
    default: break
    }
    return found
  }
}

extension Result {
  fileprivate var failure: Failure? {
    guard case .failure(let error) = self else { return nil }
    return error
  }
}
