/// The whole answer to a request; the connection ends with it.
struct PageResponse {
  enum Status: Int {
    case ok = 200
    case seeOther = 303
    case badRequest = 400
    case unauthorized = 401
    case notFound = 404
    case methodNotAllowed = 405
    case requestTimeout = 408
    case contentTooLarge = 413
    case misdirectedRequest = 421
    case headTooLarge = 431
    case unavailable = 503

    var reason: String {
      switch self {
      case .ok: "OK"
      case .seeOther: "See Other"
      case .badRequest: "Bad Request"
      case .unauthorized: "Unauthorized"
      case .notFound: "Not Found"
      case .methodNotAllowed: "Method Not Allowed"
      case .requestTimeout: "Request Timeout"
      case .contentTooLarge: "Content Too Large"
      case .misdirectedRequest: "Misdirected Request"
      case .headTooLarge: "Request Header Fields Too Large"
      case .unavailable: "Service Unavailable"
      }
    }
  }

  var status: Status
  var type = "text/plain; charset=utf-8"
  var body = ""
  var more: [(name: String, value: String)] = []

  static func text(_ status: Status, _ text: String) -> PageResponse { PageResponse(status: status, body: text + "\n") }

  /// What is sent.
  /// - Parameter hasBody: false in answer to HEAD.
  func bytes(hasBody: Bool = true) -> [UInt8] {
    let head = Self.head(status, type, more + [("Content-Length", "\(body.utf8.count)")])
    return Array(head.utf8) + (hasBody ? Array(body.utf8) : [])
  }

  /// A head; without a length, the body ends where the connection does.
  static func head(_ status: Status, _ type: String, _ more: [(name: String, value: String)] = []) -> String {
    let headers: [(name: String, value: String)] =
      [
        ("Connection", "close"), ("Content-Type", type), ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
      ] + more
    return "HTTP/1.1 \(status.rawValue) \(status.reason)\r\n" + headers.map { "\($0.name): \($0.value)\r\n" }.joined()
      + "\r\n"
  }
}
