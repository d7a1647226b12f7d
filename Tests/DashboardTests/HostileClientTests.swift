import Foundation
import Glibc
import Testing

/// Statuses by RFC 9110 and RFC 6585.
@Suite("A client that means harm", .serialized)
struct HostileClientTests {
  @Test(
    "gets 431 for a head above 16 KiB, which costs no more than its bytes", arguments: [17_000, 100_000, 1_000_000])
  func longHead(bytes: Int) throws {
    let page = try ServedPage()
    let before = try page.processorSeconds
    let head = "GET /?" + String(repeating: "a", count: bytes) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"
    #expect(try page.client.send(Array(head.utf8)).status == 431)
    #expect(try page.processorSeconds - before < 0.3)
  }

  @Test("gets an answer for a head of 16 KiB")
  func longestHead() throws {
    let page = try ServedPage()
    let frame = "GET /?\(String()) HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for (more, status) in [(0, 401), (1, 431)] {
      let filler = String(repeating: "a", count: (16 << 10) - frame.utf8.count + more)
      let head = "GET /?\(filler) HTTP/1.1\r\nHost: localhost\r\n\r\n"
      #expect(try page.client.send(Array(head.utf8)).status == status)
    }
  }

  @Test("that sends its head slowly gets 408 within seconds, and holds up nobody")
  func slowHead() throws {
    let page = try ServedPage()
    let slow = try page.client.connection()
    defer { close(slow) }
    let begin = ContinuousClock.now
    #expect(Glibc.send(slow, "GET / HT", 8, 0) == 8)
    #expect(try page.status("/") == 200 && ContinuousClock.now - begin < .seconds(5))
    #expect(read(slow).hasPrefix("HTTP/1.1 408 "))
    #expect(ContinuousClock.now - begin < .seconds(20))
  }

  @Test("that sends what is not HTTP gets 400, and the next one its page")
  func junk() throws {
    let page = try ServedPage()
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<20 {
      let bytes = (0..<200).map { _ in UInt8.random(in: 0...255, using: &generator) }
      #expect(try page.client.send(bytes + Array("\r\n\r\n".utf8)).status == 400)
    }
    let heads = [
      "GET /", "GET / HTTP/2.0", "GET  / HTTP/1.1", "GET / HTTP/1.1\nHost: localhost", "GET / HTTP/1.1\r\nHost : x",
      "GET / HTTP/1.1\r\n Host: x", "GET / HTTP/1.1\r\nA: \u{0}", "GET / HTTP/1.1\r\nHost", "GET / HTTP/1.1", "",
    ]
    for head in heads { #expect(try page.client.send(Array((head + "\r\n\r\n").utf8)).status == 400, "\(head)") }
    #expect(try page.status("/") == 200)
  }

  @Test("sends no body")
  func body() throws {
    let page = try ServedPage()
    for header in ["Content-Length: 5", "Content-Length: x", "Transfer-Encoding: chunked"] {
      #expect(try page.status("/", headers: [header]) == 413)
    }
    #expect(try page.status("/", headers: ["Content-Length: 0"]) == 200)
  }

  @Test("gets one answer to many requests on one connection")
  func pipelining() throws {
    let page = try ServedPage()
    let request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    let answer = try page.client.send(Array(String(repeating: request, count: 1000).utf8))
    #expect(answer.status == 401 && answer.header("Connection") == "close")
    #expect(!answer.body.contains("HTTP/1.1"))
  }

  @Test("has 64 connections, and others a page when they are gone")
  func manyConnections() throws {
    let page = try ServedPage()
    var open = try (0..<64).map { _ in try page.client.connection() }
    defer { for descriptor in open { close(descriptor) } }
    #expect(try page.status("/") == 503)
    close(open.removeLast())
    #expect(try page.status("/") == 200)
  }

  @Test("has 16 streams of events, and pages beside them")
  func manyStreams() throws {
    let page = try ServedPage()
    let open = try (0..<16).map { _ in try stream(page) }
    defer { for descriptor in open { close(descriptor) } }
    for descriptor in open { #expect(read(descriptor, until: "data: ").hasPrefix("HTTP/1.1 200 ")) }
    #expect(try page.status("/events") == 503 && page.status("/") == 200)
  }

  @Test("that does not read its events is closed, and holds up nobody")
  func slowReader() throws {
    let page = try ServedPage { folder in
      try folder.append((1...4000).map { RunFolder.line(step: $0, loss: 1 / Double($0)) }.joined())
    }
    let slow = try stream(page, target: "/events?points=4096", buffer: 2048)
    defer { close(slow) }
    let begin = ContinuousClock.now
    #expect(try page.get("/events", until: "data: ").status == 200 && ContinuousClock.now - begin < .seconds(5))
    Thread.sleep(forTimeInterval: 17)
    #expect(!read(slow).hasSuffix("\n\n"), "the first event was sent whole")
    #expect(try page.status("/") == 200)
  }

  private func stream(_ page: ServedPage, target: String = "/events", buffer: Int32? = nil) throws -> Int32 {
    let descriptor = try page.client.connection(buffer: buffer)
    let head = "GET \(target) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(try page.token)\r\n\r\n"
    guard Glibc.send(descriptor, head, head.utf8.count, Int32(MSG_NOSIGNAL)) == head.utf8.count else {
      throw POSIXError(.EPIPE)
    }
    return descriptor
  }

  /// What comes until a text, or until the connection ends.
  private func read(_ descriptor: Int32, until end: String? = nil) -> String {
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count <= 0 { break }
      received += buffer.prefix(count)
      if let end, String(decoding: received, as: UTF8.self).contains(end) { break }
    }
    return String(decoding: received, as: UTF8.self)
  }
}
