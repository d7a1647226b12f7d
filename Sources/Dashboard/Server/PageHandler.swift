/// Answers the page's requests. No path of a request ever becomes a path of a file.
struct PageHandler {
  let watch: RunWatch
  let gate: Gate
  let names: HostNames

  enum Reply {
    case whole(PageResponse)
    /// Events about curves of at most that many points.
    case stream(points: Int)
  }

  private static let page = Page(
    title: "Lockstep", body: Assets.body, scripts: [Assets.numbers, Assets.charts, Assets.panels, Assets.live],
    connects: true)

  /// Points of a curve, as a page of that many pixels asks for them.
  private static let fewestPoints = 64
  private static let mostPoints = 4096

  /// Reads a file for those alone who show the token.
  func reply(to request: PageRequest) -> Reply {
    guard request.method == "GET" || request.method == "HEAD" else {
      var response = PageResponse.text(.methodNotAllowed, "This page can only be read.")
      response.more = [("Allow", "GET, HEAD")]
      return .whole(response)
    }
    guard !request.hasBody else { return .whole(.text(.contentTooLarge, "A request for this page has no body.")) }
    let hosts = request.values("host")
    guard hosts.count == 1 else { return .whole(.text(.badRequest, "A request names one host.")) }
    guard names.contains(hosts[0]) else {
      return .whole(.text(.misdirectedRequest, "This page answers to names and addresses of its own machine alone."))
    }
    switch gate.answer(request) {
    case .enter: return answer(request)
    case .remember: return .whole(remember(request))
    case .refuse:
      return .whole(
        .text(
          .unauthorized, "This page asks for a token: open the address that lockstep printed when it was started."))
    }
  }

  private func answer(_ request: PageRequest) -> Reply {
    let points = min(Self.mostPoints, max(Self.fewestPoints, request["points"].flatMap { Int($0) } ?? 600))
    switch request.path {
    case "/":
      return .whole(
        PageResponse(
          status: .ok, type: "text/html; charset=utf-8", body: Self.page.html,
          more: [("Content-Security-Policy", Self.page.policy)]))
    case "/run.json":
      return .whole(PageResponse(status: .ok, type: "application/json", body: watch.snapshot(points: points).text))
    case "/metrics":
      return .whole(
        PageResponse(status: .ok, type: "text/plain; version=0.0.4; charset=utf-8", body: watch.prometheus()))
    case "/events": return .stream(points: points)
    default: return .whole(.text(.notFound, "There is no such page."))
    }
  }

  private func remember(_ request: PageRequest) -> PageResponse {
    let path = ["/run.json", "/metrics"].contains(request.path) ? request.path : "/"
    return PageResponse(
      status: .seeOther,
      more: [
        ("Location", path),
        ("Set-Cookie", "\(gate.cookie)=\(gate.token.text); Path=/; HttpOnly; SameSite=Lax"),
      ])
  }
}
