import Dashboard
import Foundation
import Testing

@Suite("A folder of runs")
struct RunListTests {
  @Test("lists each run below it, and shows one by its id, which is no path")
  func list() throws {
    let page = try ServedPage { folder in
      for (name, loss) in [("a", 0.5), ("deep/b", 0.25), (".hidden", 1)] {
        try folder.write(RunFolder.line(step: 3, loss: loss), to: "\(name)/metrics.jsonl")
      }
      try folder.write("", to: "a/models/best/metrics.jsonl")
      symlink(folder.path("a"), folder.path("link"))
    }
    let whole = try object(page.get("/run.json").body)
    let runs = try #require(whole["runs"] as? [[String: Any]])
    #expect(Set(runs.compactMap { $0["name"] as? String }) == ["a", "deep/b"])
    for run in runs {
      let id = try #require(run["id"] as? String)
      let own = try object(page.get("/run.json?run=\(id)").body)
      #expect((own["status"] as? [String: Any])?["step"] as? Int == 3)
      #expect(run["name"] as? String == "a" ? own["name"] as? String == "a" : own["name"] as? String == "b")
      #expect(run["size"] as? Int ?? 0 > 50)
    }
    #expect(try page.get("/").body.contains("id=\"runs\""))
    #expect(try page.get("/?run=\(runs[0]["id"] ?? "")").body.contains("id=\"facts\""))
    for id in ["0", "a", "..%2fa", "deep/b", ""] { #expect(try page.status("/?run=\(id)") == 404, "\(id)") }
    let metrics = try page.get("/metrics").body
    #expect(metrics.contains("lockstep_loss{run=\"a\"} 0.5") && metrics.contains("lockstep_loss{run=\"deep/b\"} 0.25"))
    #expect(metrics.components(separatedBy: "# TYPE lockstep_loss ").count == 2)
  }

  @Test("sends what is new of each run, and a run that begins")
  func live() throws {
    let page = try ServedPage { try $0.write(RunFolder.line(step: 1), to: "a/metrics.jsonl") }
    let answer = try page.get("/events", until: "\"name\": \"new\"") {
      try page.folder.append(RunFolder.line(step: 2), to: "a/metrics.jsonl")
      try page.folder.write(RunFolder.line(step: 7), to: "new/metrics.jsonl")
    }
    let events = answer.body.components(separatedBy: "\n").filter { $0.hasPrefix("data: ") }
      .compactMap { try? object(String($0.dropFirst(6))) }
    let last = try #require(events.last?["runs"] as? [[String: Any]])
    #expect(last.count == 2)
    let first = try #require(last.first { $0["name"] as? String == "a" })
    #expect((first["status"] as? [String: Any])?["step"] as? Int == 2)
    // Only what is new, from the bucket of the last step that was sent.
    #expect(first["from"] as? Int == 2 || first["from"] as? Int == 1)
  }

  @Test("names the values of the recipes that differ")
  func differences() throws {
    let recipe = { (seed: Int) in
      """
      seed: \(seed)
      model: {configuration: {hidden_size: 64}, vocabulary: v.txt, labels: 2}
      data: {train: a.tsv, columns: {text: t, label: l}}
      batch: {size: 8}
      epochs: 1

      """
    }
    let page = try ServedPage {
      for seed in [1, 2] {
        try $0.write(RunFolder.line(step: 1), to: "run\(seed)/metrics.jsonl")
        try $0.write(recipe(seed), to: "run\(seed)/recipe.yaml")
      }
    }
    let whole = try object(page.get("/run.json").body)
    #expect(whole["settings"] as? [String] == ["seed"])
    let runs = try #require(whole["runs"] as? [[String: Any]])
    #expect(Set(runs.compactMap { ($0["settings"] as? [String])?.first }) == ["1.0", "2.0"])
  }
}
