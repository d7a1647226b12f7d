import Dashboard
import Foundation
import Lockstep

/// The token of a run's page, and how its owner learns it.
struct PageToken {
  let token: AccessToken
  /// The file that holds it, where it is not printed: what is printed to no terminal ends in a log, which others may read.
  private let file: String?

  /// - Throws: `DashboardError` where no terminal can show it and no file can keep it.
  init(of directory: RunDirectory) throws {
    let path = directory.path + "/dashboard.token"
    let isTerminal = isatty(STDERR_FILENO) == 1
    file = isTerminal ? nil : path
    // The file keeps the address of a page the same from start to start; the folder of another user cannot.
    token = isTerminal ? (try? .kept(in: path)) ?? .random() : try .kept(in: path)
  }

  /// The line that says where the page is.
  func announcement(of address: PageAddress) -> String {
    guard let file else { return "dashboard: \(address.url(token: token))" }
    return "dashboard: \(address.url(token: nil)) (add ?token=TOKEN; the token is in \(file), which only you can read)"
  }
}
