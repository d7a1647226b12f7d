import Console
import Dashboard
import Foundation
import Lockstep
import Synchronization

/// The live page of a run's folder, served by tasks beside the program's own thread.
struct LivePage {
  private let server: PageServer
  /// The file that holds the token, where it is not printed.
  private let tokenFile: String?

  /// Begins to serve.
  /// - Throws: `DashboardError` where the address cannot be had.
  init(_ directory: RunDirectory, at address: PageAddress) throws {
    var token: AccessToken?
    var tokenFile: String?
    if !address.isLoopback {
      // What is printed to no terminal ends in a log, which others may read.
      if isatty(STDERR_FILENO) == 0 { tokenFile = directory.path + "/dashboard.token" }
      token = try tokenFile.map(AccessToken.kept) ?? .random()
    }
    self.tokenFile = tokenFile
    server = try wait { [token] in try await PageServer(directory, address: address, token: token) }
  }

  /// The page of a run that is about to begin. What is wrong with the page is said, and does not end the run.
  static func beside(_ directory: RunDirectory, at address: PageAddress) -> LivePage? {
    do {
      let page = try LivePage(directory, at: address)
      page.announce()
      return page
    } catch {
      let later = "lockstep dashboard \(directory.path) shows the run at any time"
      StandardError.print("warning: no live page: \(error); \(later)")
      return nil
    }
  }

  /// Says on standard error where the page is.
  func announce() {
    let shown = tokenFile == nil ? server.token : nil
    let more = tokenFile.map { " (add ?token=TOKEN; the token is in \($0), which only you can read)" } ?? ""
    StandardError.print("dashboard: \(server.address.url(token: shown))\(more)")
  }

  /// Lets open pages see the end; takes a second at most.
  func close() { try? wait { [server] in await server.close() } }
}

/// Waits on this thread, which no task runs on, for a task's result.
private func wait<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
  let outcome = Outcome<Value>()
  Task.detached {
    do { outcome.settle(.success(try await body())) } catch { outcome.settle(.failure(error)) }
  }
  return try outcome.wait().get()
}

/// A result that one thread leaves and another waits for.
private final class Outcome<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)
  private let semaphore = DispatchSemaphore(value: 0)

  func settle(_ value: Result<Value, any Error>) {
    result.withLock { $0 = value }
    semaphore.signal()
  }

  func wait() -> Result<Value, any Error> {
    semaphore.wait()
    guard let value = result.withLock({ $0 }) else { preconditionFailure("the result was settled before the signal") }
    return value
  }
}
