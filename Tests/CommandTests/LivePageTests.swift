import Foundation
import Testing

@Suite("The live page of a run")
struct LivePageTests {
  @Test("is there while rank 0 trains, and later from the folder alone")
  func page() throws {
    let run = try TinyRun()
    let port = try freePort()
    var seen = ""
    let outcome = try run.train("--dashboard", "\(port)").run { running in
      try running.wait(forStep: 10, in: run)
      try running.wait {
        seen = (try? figures(port, run)) ?? ""
        let isBegun = seen.contains("state=\"running\"} 1.0") || seen.contains("state=\"finished\"} 1.0")
        return isBegun && seen.contains("\nlockstep_loss ") || !running.process.isRunning
      }
    }
    try #require(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.contains("dashboard: http://127.0.0.1:\(port)/ (add ?token=TOKEN; "))
    #expect(seen.contains("lockstep_run_state{state=\"running\"} 1.0") || seen.contains("state=\"finished\"} 1.0"))
    for name in ["lockstep_loss ", "lockstep_learning_rate "] { #expect(seen.contains("\n" + name)) }

    let later = try freePort()
    var shown = ""
    _ = try Command("dashboard", run.output, "--port", "\(later)", in: run.folder).run { running in
      try running.wait {
        shown = (try? figures(later, run)) ?? ""
        return shown.contains("lockstep_step") || !running.process.isRunning
      }
      running.kill()
    }
    #expect(shown.contains("\nlockstep_step \(TinyRun.steps).0") && shown.contains("state=\"finished\"} 1.0"))
    #expect(shown.contains("metric=\"matthews\",weights=\"raw\""))
  }

  @Test("is followed by a report of the run, with its best model's confusions on the validation rows")
  func report() throws {
    let run = try TinyRun()
    try #require(try run.train().run().status == 0)
    let outcome = try Command("report", run.output, run.output, "--output", "page.html", in: run.folder).run()
    try #require(outcome.status == 0, "\(outcome.error)")
    let html = try run.folder.read("page.html")
    for text in [
      ": Confusion matrix</h3>", ": Calibration</h3>", "Most confident mistakes", "Nothing: the recipes are the same.",
    ] {
      #expect(html.contains(text), "\(text)")
    }
    let rows = html.matches(of: /<td class="h\d">(\d+)</).compactMap { Int($0.1) }
    #expect(rows.reduce(0, +) == 2 * TinyRun.validationRows)
    let accuracy = try #require(html.firstMatch(of: /accuracy<\/th><td class="hash">([0-9.]+)</)).1
    let best = try #require(try run.folder.json("out/summary.json")["best"] as? [String: Any])
    #expect(Double(accuracy).map { abs($0 - (best["value"] as? Double ?? -1)) < 1e-4 } == true)
    let nothing = try Command("report", "nowhere", in: run.folder).run()
    #expect(nothing.status == 2 && nothing.complaints.count == 1)
  }

  @Test("that cannot be had does not end the run")
  func noPage() throws {
    let run = try TinyRun()
    let outcome = try run.train("--dashboard", "192.0.2.1:80", "--set", "steps=1", "--set", "schedule.warmup=0").run()
    #expect(outcome.status == 0 && outcome.error.contains("warning: no live page: 192.0.2.1:80 cannot be had: "))
    #expect(try run.train("--dashboard", "x").run().status == 64)
  }

  @Test("is served by a process of its own, whose arguments hold no token, and which ends with rank 0")
  func ownProcess() throws {
    let run = try TinyRun()
    var pages: [pid_t] = []
    let outcome = try run.train("--dashboard", "0").run { running in
      try running.wait(forStep: 10, in: run)
      let rank = running.process.processIdentifier
      pages = children(of: rank)
      let token = try run.folder.read("out/dashboard.token").trimmingCharacters(in: .newlines)
      for page in pages {
        let words = FileManager.default.contents(atPath: "/proc/\(page)/cmdline") ?? Data()
        #expect(words.contains(Data("--beside-training".utf8)) && !words.contains(Data(token.utf8)))
        let variables = FileManager.default.contents(atPath: "/proc/\(page)/environ") ?? Data()
        #expect(!variables.contains(Data(token.utf8)))
      }
      running.kill()
      try running.wait { pages.allSatisfy { kill($0, 0) != 0 } }
    }
    #expect(pages.count == 1 && outcome.status != 0)
  }

  private func children(of process: pid_t) -> [pid_t] {
    let text = try? String(contentsOfFile: "/proc/\(process)/task/\(process)/children", encoding: .utf8)
    return (text ?? "").split(separator: " ").compactMap { pid_t($0) }
  }

  @Test("that others reach has a token in a file of its owner alone, where no terminal can show it")
  func token() throws {
    let run = try TinyRun()
    let outcome = try run.train("--dashboard", "0.0.0.0:0", "--set", "steps=1", "--set", "schedule.warmup=0").run()
    try #require(outcome.status == 0, "\(outcome.error)")
    let token = try run.folder.read("out/dashboard.token").trimmingCharacters(in: .newlines)
    #expect(token.count == 32 && !outcome.error.contains(token) && !outcome.output.contains(token))
    let path = run.folder.path + "/out/dashboard.token"
    #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
  }

  /// The page's figures for Prometheus, by the shell's own means.
  private func figures(_ port: Int, _ run: TinyRun) throws -> String {
    let token = try run.folder.read("out/dashboard.token").trimmingCharacters(in: .newlines)
    let script = """
      exec 3<>/dev/tcp/127.0.0.1/\(port) && \
      printf 'GET /metrics HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nAuthorization: Bearer \(token)\\r\\nConnection: close\\r\\n\\r\\n' >&3 && cat <&3
      """
    return try Shell.run("bash", ["-c", script], seconds: 30).output
  }

  /// A port that was free a moment ago.
  private func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isBound else { throw POSIXError(.EADDRINUSE) }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
