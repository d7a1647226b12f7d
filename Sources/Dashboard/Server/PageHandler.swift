/// Answers the page's requests. No path of a request ever becomes a path of a file.
struct PageHandler {
  let watch: RunWatch
  let gate: Gate
  let names: HostNames

  enum Reply {
    case whole(PageResponse)
    /// Events about curves of at most that many points.
    case stream(RunWatch.Subject, points: Int)
  }

  private static let run = Page(
    title: "Lockstep", body: Assets.runBody, scripts: Assets.shared + [Assets.timeline, Assets.live], connects: true)
  private static let list = Page(
    title: "Lockstep", body: Assets.runsBody, scripts: Assets.shared + [Assets.runs], connects: true)

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
    guard ["/", "/run.json", "/metrics", "/events"].contains(request.path) else {
      return .whole(.text(.notFound, "There is no such page."))
    }
    guard let subject = watch.subject(request["run"]) else {
      return .whole(.text(.notFound, "There is no such run."))
    }
    switch request.path {
    case "/run.json": return .whole(PageResponse(status: .ok, type: "application/json", body: json(subject, points)))
    case "/metrics":
      return .whole(
        PageResponse(status: .ok, type: "text/plain; version=0.0.4; charset=utf-8", body: watch.prometheus()))
    case "/events": return .stream(subject, points: points)
    default: return .whole(page(subject))
    }
  }

  private func page(_ subject: RunWatch.Subject) -> PageResponse {
    let page = if case .list = subject { Self.list } else { Self.run }
    return PageResponse(
      status: .ok, type: "text/html; charset=utf-8", body: page.html,
      more: [("Content-Security-Policy", page.policy)])
  }

  private func json(_ subject: RunWatch.Subject, _ points: Int) -> String {
    switch subject {
    case .run(let reader): watch.snapshot(of: reader, points: points).json.description
    case .list: watch.list(points: points).json.description
    }
  }

  private func remember(_ request: PageRequest) -> PageResponse {
    let path = ["/run.json", "/metrics"].contains(request.path) ? request.path : "/"
    let run = request["run"].flatMap { UInt64($0, radix: 16) }.map { "?run=" + String($0, radix: 16) } ?? ""
    return PageResponse(
      status: .seeOther,
      more: [
        ("Location", path + run),
        ("Set-Cookie", "\(gate.cookie)=\(gate.token.text); Path=/; HttpOnly; SameSite=Lax"),
      ])
  }
}
