import Dashboard
import Foundation
import Testing

@Suite("Access to the page")
struct AccessTests {
  @Test("is by tokens that are never the same")
  func random() {
    let tokens = Set((0..<100).map { _ in AccessToken.random().text })
    #expect(tokens.count == 100 && tokens.allSatisfy { $0.count == 32 })
  }

  @Test("keeps its token in a file that its owner alone can read, and finds it again")
  func kept() throws {
    let folder = try RunFolder()
    let path = folder.path("dashboard.token")
    let token = try AccessToken.kept(in: path)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(try AccessToken.kept(in: path) == token)
  }

  @Test("refuses a token file that others may read, or that leads elsewhere")
  func refused() throws {
    let folder = try RunFolder()
    let path = folder.path("dashboard.token")
    _ = try AccessToken.kept(in: path)
    chmod(path, 0o644)
    #expect(throws: DashboardError.self) { try AccessToken.kept(in: path) }
    unlink(path)
    symlink(folder.path("elsewhere"), path)
    #expect(throws: DashboardError.self) { try AccessToken.kept(in: path) }
  }

  @Test("replaces a token that is too short to be one")
  func short() throws {
    let folder = try RunFolder()
    try folder.write("abc\n", to: "dashboard.token")
    chmod(folder.path("dashboard.token"), 0o600)
    #expect(try AccessToken.kept(in: folder.path("dashboard.token")).text.count == 32)
  }

  @Test(
    "reads addresses",
    arguments: [
      ("8080", "127.0.0.1", 8080, true), ("localhost:1", "127.0.0.1", 1, true), ("0.0.0.0:9", "0.0.0.0", 9, false),
      ("[::1]:80", "::1", 80, true), ("[::]:80", "::", 80, false),
    ])
  func addresses(text: String, host: String, port: Int, isLoopback: Bool) throws {
    let address = try PageAddress(text)
    #expect(address.host == host && Int(address.port) == port && address.isLoopback == isLoopback)
  }

  @Test("refuses what is no address", arguments: ["", "x", "65536", "host:80", "1.2.3:80", ":", "127.0.0.1.evil:80"])
  func noAddresses(text: String) { #expect(throws: DashboardError.self) { try PageAddress(text) } }
}
