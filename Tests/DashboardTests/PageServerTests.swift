import Foundation
import Testing

@Suite("The live page")
struct PageServerTests {
  @Test("is one document that asks for nothing outside itself, and its policy names the digests of what stands in it")
  func page() throws {
    let page = try ServedPage()
    let answer = try page.get("/")
    #expect(answer.status == 200 && answer.header("Content-Type") == "text/html; charset=utf-8")
    let policy = try #require(answer.header("Content-Security-Policy"))
    #expect(policy.hasPrefix("default-src 'none'; script-src 'sha256-") && !policy.contains("unsafe"))
    let text = answer.body.replacingOccurrences(of: "http://www.w3.org/2000/svg", with: "")
    for outside in ["src=", "@import", "url(", "http://", "https://"] {
      #expect(!text.contains(outside), "the page holds \(outside)")
    }
    for name in ["X-Content-Type-Options", "Referrer-Policy", "Cache-Control"] { #expect(answer.header(name) != nil) }
    for tag in ["script", "style"] {
      let start = try #require(answer.body.range(of: "<\(tag)>")).upperBound
      let end = try #require(answer.body.range(of: "</\(tag)>")).lowerBound
      let digest = try sha256(String(answer.body[start..<end]))
      #expect(policy.contains("'sha256-\(digest)'"))
    }
  }

  @Test("sends what is new while the run goes on")
  func stream() throws {
    let page = try ServedPage { try $0.append((1...40).map { RunFolder.line(step: $0) }.joined()) }
    let answer = try page.get("/events", until: "\"step\": 41") {
      try page.folder.append(RunFolder.line(step: 41, loss: 0.25) + RunFolder.evaluation(step: 41, accuracy: 0.75))
    }
    #expect(answer.header("Content-Type") == "text/event-stream")
    let events = answer.body.components(separatedBy: "\n").filter { $0.hasPrefix("data: ") }
      .compactMap { try? object(String($0.dropFirst(6))) }
    let steps = events.compactMap { ($0["status"] as? [String: Any])?["step"] as? Int }
    #expect(steps.first == 40 && steps.last == 41)
    #expect(events.last?["from"] as? Int == 40 && events.last?["scores"] != nil)
  }

  @Test("knows no files but its own")
  func traversal() throws {
    let page = try ServedPage { try $0.write("a secret", to: "metrics.jsonl") }
    let paths = [
      "/../../../../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd",
      "/metrics.jsonl", "/recipe.yaml", "/.", "/run.json/../../x", "/style.css", "/\u{0}", "http://x/etc/passwd", "*",
    ]
    for path in paths {
      let answer = try page.get(path)
      #expect([0, 400, 404].contains(answer.status) || answer.body.contains("<title>Lockstep</title>"), "\(path)")
      #expect(!answer.body.contains("root:x:") && !answer.body.contains("a secret"), "\(path)")
    }
  }

  @Test("can only be read")
  func methods() throws {
    let page = try ServedPage()
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "get"] {
      let answer = try page.get("/", method: method)
      #expect(answer.status == 405 && answer.header("Allow") == "GET, HEAD", "\(method)")
    }
    let (head, whole) = (try page.get("/", method: "HEAD"), try page.get("/"))
    #expect(head.status == 200 && head.body.isEmpty)
    #expect(head.header("Content-Length") == "\(whole.body.utf8.count)")
  }

  @Test("answers to names of its own address alone, so that no stranger's name leads to it")
  func rebinding() throws {
    let page = try ServedPage()
    for host in ["localhost:8080", "127.0.0.1", "127.1.2.3:99", "[::1]:8080", "LOCALHOST."] {
      #expect(try page.status("/", headers: ["Host: \(host)"]) == 200, "\(host)")
    }
    let strangers = [
      "evil.example", "127.evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "", "localhost:x",
      "[::1]evil", "192.0.2.1", machine,
    ]
    for host in strangers { #expect(try page.status("/run.json", headers: ["Host: \(host)"]) == 421, "\(host)") }
    #expect(try page.status("/", headers: ["Host: localhost", "Host: localhost"]) == 400)
    let open = try ServedPage("--host", "0.0.0.0")
    for host in [machine, "\(machine):80", "127.0.0.1", "0.0.0.0:1"] {
      #expect(try open.status("/", headers: ["Host: \(host)"]) == 200, "\(host)")
    }
    #expect(try open.status("/", headers: ["Host: \(machine).evil.example"]) == 421)
  }

  @Test(
    "gives nothing without its token, which no log holds, to other users of this machine either",
    arguments: ["127.0.0.1", "0.0.0.0"])
  func token(host: String) throws {
    let page = try ServedPage("--host", host)
    let token = try page.token
    let client = page.client
    #expect(token.count == 32 && !page.said.contains(token))
    let wrong = String(token.dropLast()) + (token.hasSuffix("a") ? "b" : "a")
    for path in ["/", "/events", "/run.json", "/metrics", "/nothing"] {
      for target in [path, "\(path)?token=\(wrong)", "\(path)?token="] { #expect(try client.get(target).status == 401) }
      for header in ["Authorization: Bearer \(wrong)", "Cookie: lockstep=\(token)", "Cookie: \(token)"] {
        #expect(try client.get(path, headers: [header]).status == 401)
      }
    }
    let entry = try client.get("/?token=\(token)")
    #expect(entry.status == 303 && entry.header("Location") == "/")
    let cookie = try #require(entry.header("Set-Cookie"))
    #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite"))
    let pair = String(cookie.prefix { $0 != ";" })
    #expect(try client.get("/", headers: ["Cookie: other=1; \(pair)"]).status == 200)
    #expect(try client.get("/run.json", headers: ["Cookie: \(pair)"]).status == 200)
    #expect(try client.get("/metrics", headers: ["Authorization: Bearer \(token)"]).status == 200)
    withExtendedLifetime(page) {}
  }

  @Test("shows hostile names as text: nothing of a file becomes part of the document")
  func markup() throws {
    let evil = "</script><script>alert(1)</script>"
    let page = try ServedPage {
      try $0.append(
        """
        {"step": 1, "evaluation": {"weights": "\(evil)", "\(evil)": 0.5}}
        {"step": 1, "loss": 1, "terms": {"\(evil)": 1}}

        """)
    }
    #expect(try !page.get("/").body.contains("alert(1)"))
    let answer = try page.get("/run.json")
    #expect(
      answer.header("Content-Type") == "application/json" && answer.header("X-Content-Type-Options") == "nosniff")
    let scores = try #require(try object(answer.body)["scores"] as? [[String: Any]])
    #expect(scores[0]["metric"] as? String == evil)
    let lines = try page.get("/metrics").body.split(separator: "\n")
    #expect(lines.contains { $0 == "lockstep_evaluation{metric=\"\(evil)\",weights=\"\(evil)\"} 0.5" })
  }

  @Test("says which port is taken")
  func takenPort() throws {
    let page = try ServedPage()
    let error = #expect(throws: ServedPage.NoAddress.self) { _ = try ServedPage("--port", "\(page.port)") }
    let words = "lockstep: port \(page.port) of 127.0.0.1 is in use by another program; give another port, such as "
    #expect(error?.said.contains(words) == true, "\(error?.said ?? "")")
  }

  private var machine: String {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// In base64, by the system's own program.
  private func sha256(_ text: String) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/sha256sum")
    let (input, output) = (Pipe(), Pipe())
    (process.standardInput, process.standardOutput) = (input, output)
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
    try input.fileHandleForWriting.close()
    let digits = Array(String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).prefix(64))
    process.waitUntilExit()
    let bytes = stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
    return Data(bytes).base64EncodedString()
  }
}
