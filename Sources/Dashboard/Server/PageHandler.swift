import FlyingFox
import Foundation

/// Answers the page's requests. No path of a request ever becomes a path of a file.
struct PageHandler: HTTPHandler {
  let watch: RunWatch
  let gate: Gate
  let seats = Seats()

  private static let page = Page(
    title: "Lockstep", body: Assets.body, scripts: [Assets.numbers, Assets.charts, Assets.panels, Assets.live],
    connects: true)

  /// Points of a curve, as a page of that many pixels asks for them.
  private static let fewestPoints = 64
  private static let mostPoints = 4096

  func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
    guard request.method == .GET else { return Self.text(.methodNotAllowed, "this page can only be read\n") }
    switch gate.answer(request) {
    case .enter: return await answer(request)
    case .remember: return remember(request)
    case .refuse:
      return Self.text(
        .unauthorized, "This page asks for a token: open the address that lockstep printed when it was started.\n")
    case .wrongHost: return Self.text(.forbidden, "This page answers to localhost and 127.0.0.1 alone.\n")
    }
  }

  private func answer(_ request: HTTPRequest) async -> HTTPResponse {
    let points = min(Self.mostPoints, max(Self.fewestPoints, request.query["points"].flatMap { Int($0) } ?? 600))
    switch request.path {
    case "/":
      return Self.response(
        .ok, "text/html; charset=utf-8", Data(Self.page.html.utf8),
        [HTTPHeader("Content-Security-Policy"): Self.page.policy])
    case "/run.json":
      return Self.response(.ok, "application/json", Data(await watch.snapshot(points: points).text.utf8))
    case "/metrics":
      return Self.response(.ok, "text/plain; version=0.0.4; charset=utf-8", Data(await watch.prometheus().utf8))
    case "/events":
      guard let seat = seats.take() else { return Self.text(.serviceUnavailable, "too many pages are open\n") }
      let stream = HTTPBodySequence(from: EventStream(watch: watch, points: points, seat: seat))
      return HTTPResponse(statusCode: .ok, headers: Self.headers("text/event-stream"), body: stream)
    default: return Self.text(.notFound, "there is no such page\n")
    }
  }

  private func remember(_ request: HTTPRequest) -> HTTPResponse {
    let path = ["/run.json", "/metrics"].contains(request.path) ? request.path : "/"
    return Self.response(
      .seeOther, "text/plain; charset=utf-8", Data(),
      [
        .location: path,
        .setCookie: "\(gate.cookie)=\(request.query["token"] ?? ""); Path=/; HttpOnly; SameSite=Lax",
      ])
  }

  private static func text(_ status: HTTPStatusCode, _ text: String) -> HTTPResponse {
    response(status, "text/plain; charset=utf-8", Data(text.utf8))
  }

  private static func response(
    _ status: HTTPStatusCode, _ type: String, _ body: Data, _ more: [HTTPHeader: String] = [:]
  ) -> HTTPResponse {
    var headers = headers(type)
    for (name, value) in more { headers[name] = value }
    return HTTPResponse(statusCode: status, headers: headers, body: body)
  }

  private static func headers(_ type: String) -> HTTPHeaders {
    [
      .contentType: type, .cacheControl: "no-store", HTTPHeader("X-Content-Type-Options"): "nosniff",
      HTTPHeader("Referrer-Policy"): "no-referrer", HTTPHeader("Cross-Origin-Resource-Policy"): "same-origin",
    ]
  }
}
