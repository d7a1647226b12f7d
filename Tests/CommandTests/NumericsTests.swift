import Testing

@Suite("The choice of numerics")
struct NumericsTests {
  @Test(
    "portable gives the same weights with every kind of vectors", .timeLimit(.minutes(2)),
    arguments: ["fp32", "bf16", "fp16"])
  func vectors(precision: String) throws {
    var hashes: [String: String] = [:]
    for units in ["avx512", "avx2", "none"] {
      let run = try TinyRun()
      var command = run.train("--set", "steps=6", "--set", "precision=\(precision)")
      command.variables["LOCKSTEP_VECTORS"] = units
      let outcome = try command.run()
      try #require(outcome.status == 0, "\(outcome.error)")
      hashes[units] = run.weightsHash
    }
    #expect(hashes.count == 3 && Set(hashes.values).count == 1, "\(hashes)")
  }

  @Test("is in summary.json and at the start, and library trains as well")
  func library() throws {
    let (portable, library) = (try TinyRun(), try TinyRun())
    let first = try portable.train("--set", "steps=6").run()
    let second = try library.train("--set", "steps=6", "--set", "numerics=library").run()
    try #require(first.status == 0 && second.status == 0, "\(first.error) \(second.error)")
    #expect(try portable.folder.json("out/summary.json")["numerics"] as? String == "portable")
    #expect(try library.folder.json("out/summary.json")["numerics"] as? String == "library")
    #expect(first.error.contains("portable products") && second.error.contains("OpenBLAS kernels"))
    for (own, other) in zip(portable.losses, library.losses) { #expect(abs(own - other) < 1e-4) }
  }
}
