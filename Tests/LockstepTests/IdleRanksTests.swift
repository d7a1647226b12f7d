import Lockstep
import Testing

@Suite("Ranks without work")
struct IdleRanksTests {
  private func batch(_ text: String) throws -> BatchRecipe {
    try Recipe(
      RecipeDocument(yaml: "model: {from: m, labels: 2}\ndata: {train: t}\nepochs: 1\nbatch: \(text)", source: "r.yaml")
    ).batch
  }

  @Test(
    "are named, with the microbatch that feeds them",
    arguments: [
      (
        "{size: 32, microbatch: 16}", 4,
        "ranks 1 and 3 of 4 have nothing to do: batch.size 32 is 2 microbatches of 16 rows; feed all with"
          + " --set batch.microbatch=8"
      ),
      (
        "{size: 32, microbatch: 32}", 2,
        "rank 1 of 2 has nothing to do: batch.size 32 is 1 microbatch of 32 rows; feed all with"
          + " --set batch.microbatch=16"
      ),
      (
        "{size: 64, microbatch: 32}", 64,
        "ranks 1 to 31 and 33 to 63 of 64 have nothing to do: batch.size 64 is 2 microbatches of 32 rows; feed all with"
          + " --set batch.microbatch=1"
      ),
      (
        "{size: 30, microbatch: 10}", 7,
        "feed all with --set batch.microbatch=3"
      ),
      (
        "{size: 2, microbatch: 1}", 3,
        "rank 2 of 3 has nothing to do: batch.size 2 is 2 microbatches of 1 rows; raise batch.size, or start 1 rank less"
      ),
    ])
  func words(text: String, ranks: Int, words: String) throws {
    let idle = try #require(IdleRanks(try batch(text), groupSize: ranks))
    #expect(idle.description.hasSuffix(words), "\(idle)")
    if let remedy = idle.remedy {
      #expect(
        IdleRanks(try batch("{size: \(text.split(separator: " ")[1]) microbatch: \(remedy)}"), groupSize: ranks) == nil)
    }
  }

  @Test("a default batch has work for 8 ranks, and a rank of weight 0 is meant to have none")
  func fed() throws {
    for size in [8, 16, 24, 32, 40, 64, 100, 128, 256, 1000] {
      #expect(IdleRanks(try batch("{size: \(size)}"), groupSize: 8) == nil, "batch.size \(size)")
    }
    #expect(IdleRanks(try batch("{size: 8}"), groupSize: 3, weights: [1, 0, 1]) == nil)
    let starved = try #require(IdleRanks(try batch("{size: 8, microbatch: 2}"), groupSize: 2, weights: [100, 1]))
    #expect(starved.ranks == [1] && starved.remedy == nil)
  }
}
