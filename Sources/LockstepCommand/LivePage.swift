import Console
import Dashboard
import Foundation
import Lockstep

/// The live page of a run's folder, served by this process.
struct LivePage {
  private let server: PageServer
  private let token: PageToken

  /// Begins to serve.
  /// - Throws: `DashboardError` where the address cannot be had.
  init(_ directory: RunDirectory, at address: PageAddress) throws {
    token = try PageToken(of: directory)
    server = try PageServer(directory, address: address, token: token.token)
  }

  /// Where it is served, with the real port.
  var address: PageAddress { server.address }

  /// Says on standard error where the page is.
  func announce() { StandardError.print(token.announcement(of: address)) }

  /// Lets open pages see the end; takes a second or two at most.
  func close() { server.end() }
}
