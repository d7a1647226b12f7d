import Crypto
import Foundation
import Support

/// Who may see the page.
struct Gate: Sendable {
  enum Answer: Equatable {
    case enter
    /// The token is right: keep it in a cookie, and take it out of the address.
    case remember
    case refuse
  }

  let token: AccessToken
  /// Two pages on one host, which share their cookies, are not to mix them up.
  let cookie: String

  init(token: AccessToken) {
    self.token = token
    let digest = SHA256.hash(data: Data(token.text.utf8))
    cookie = "lockstep-" + digest.prefix(4).hexadecimal
  }

  func answer(_ request: PageRequest) -> Answer {
    if let offered = request["token"] { return token.matches(offered) ? .remember : .refuse }
    if let offered = request.values("authorization").first, offered.lowercased().hasPrefix("bearer ") {
      return token.matches(String(offered.dropFirst(7))) ? .enter : .refuse
    }
    let cookies: [Substring] = request.values("cookie").joined(separator: ";").split(separator: ";")
      .map { $0.drop { $0 == " " } }
    let own = cookies.first { $0.hasPrefix(cookie + "=") }?.dropFirst(cookie.count + 1)
    return token.matches(String(own ?? "")) ? .enter : .refuse
  }
}
