import Crypto
import FlyingFox
import Foundation

/// Who may see the page.
struct Gate: Sendable {
  enum Answer: Equatable {
    case enter
    /// The token is right: keep it in a cookie, and take it out of the address.
    case remember
    case refuse
    /// A page of a stranger's name that resolves to this machine asks.
    case wrongHost
  }

  /// Nil where only this machine reaches the page.
  let token: AccessToken?
  /// Two pages on one host, which share their cookies, are not to mix them up.
  let cookie: String

  init(token: AccessToken?) {
    self.token = token
    let digest = SHA256.hash(data: Data((token?.text ?? "").utf8))
    cookie = "lockstep-" + digest.prefix(4).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  func answer(_ request: HTTPRequest) -> Answer {
    guard let token else { return isLocal(request.headers[.host] ?? "") ? .enter : .wrongHost }
    if let offered = request.query["token"] { return token.matches(offered) ? .remember : .refuse }
    if let offered = request.headers[.authorization], offered.lowercased().hasPrefix("bearer ") {
      return token.matches(String(offered.dropFirst(7))) ? .enter : .refuse
    }
    let cookies = (request.headers[.cookie] ?? "").split(separator: ";").map { $0.drop { $0 == " " } }
    let own = cookies.first { $0.hasPrefix(cookie + "=") }?.dropFirst(cookie.count + 1)
    return token.matches(String(own ?? "")) ? .enter : .refuse
  }

  /// A browser that came by way of another name was led here by a stranger's name server.
  private func isLocal(_ host: String) -> Bool {
    let isBracketed = host.hasPrefix("[")
    let name = isBracketed ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
    return name == "localhost" || name == "[::1]"
      || name.hasPrefix("127.") && name.allSatisfy { $0 == "." || $0.isNumber }
  }
}
