import Collectives
import DataParallel
import Layers
import Tensors
import TestSupport
import Testing
import Training

/// Running statistics made anew for weights that no batch was normalised with.
@Suite struct RefreshTests {
  /// The running statistics that each rank ends with.
  private func refreshed(
    _ method: StatisticsRefresh, ranks: Int, microbatch: Int = 4, batch: Int = 16
  ) throws -> [[Float]] {
    try Ranks.run(ranks) { group in
      let parts = try Runs.parts(microbatch: microbatch, batch: batch)
      let refresh = BatchNormRefresh(
        parts: parts, settings: Runs.settings, replicas: DataParallelGroup(group), engine: Engine())
      try refresh(method, step: 0)
      return Array(parts.state.buffers.values)
    }
  }

  private func difference(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).map { abs($0 - $1) }.max() ?? .infinity }

  @Test(
    "any number of ranks gives the same bits", arguments: [StatisticsRefresh.parity, .pooled, .layered], [2, 3, 7])
  func ranks(method: StatisticsRefresh, ranks: Int) throws {
    let alone = try refreshed(method, ranks: 1)[0]
    for outcome in try refreshed(method, ranks: ranks) { #expect(outcome == alone) }
  }

  @Test("layered statistics do not depend on how the rows are cut; pooled ones of deep layers do")
  func layered() throws {
    let whole = try refreshed(.layered, ranks: 1, microbatch: 44, batch: 44)[0]
    for microbatch in [2, 4, 16] {
      #expect(difference(try refreshed(.layered, ranks: 2, microbatch: microbatch)[0], whole) < 1e-5)
      #expect(difference(try refreshed(.pooled, ranks: 2, microbatch: microbatch)[0], whole) > 1e-3)
    }
    // As one batch the two differ by the unbiased variance that evaluation normalises with: n / (n - 1), n at least 176.
    #expect(difference(try refreshed(.pooled, ranks: 1, microbatch: 44, batch: 44)[0], whole) < 1e-2)
  }

  @Test("of the first batch norm, pooled knows the variance between batches and parity does not")
  func variance() throws {
    let layout = try Runs.parts().state.buffers.layout
    let range = try #require(layout["bn1.running_var"]).range
    let whole = try refreshed(.pooled, ranks: 1, microbatch: 44, batch: 44)[0][range]
    let pooled = try refreshed(.pooled, ranks: 1)[0][range]
    let parity = try refreshed(.parity, ranks: 1)[0][range]
    #expect(difference(Array(pooled), Array(whole)) < 1e-6)
    #expect(difference(Array(parity), Array(whole)) > 1e-4)
  }

  @Test("of one batch, pooled and parity are the same: mean and unbiased variance")
  func oneBatch() throws {
    let pooled = try refreshed(.pooled, ranks: 1, microbatch: 44, batch: 44)[0]
    #expect(difference(try refreshed(.parity, ranks: 1, microbatch: 44, batch: 44)[0], pooled) < 1e-6)
  }

  @Test("what was in the running statistics before leaves no trace, and frozen batch norms keep theirs")
  func frozen() throws {
    let parts = try Runs.parts()
    let expected = try refreshed(.pooled, ranks: 1)[0]
    let refresh = BatchNormRefresh(
      parts: parts, settings: Runs.settings, replicas: DataParallelGroup(SoloGroup()), engine: Engine())
    for slice in parts.state.buffers.layout.slices { parts.state.buffers[slice.name]!.update(repeating: 7) }
    try refresh(.pooled, step: 0)
    for slice in parts.state.buffers.layout.slices {
      #expect(Array(parts.state.buffers[slice.name]!) == Array(expected[slice.range]))
    }
    parts.state.freeze(["bn4"])
    parts.state.buffers["bn4.running_mean"]!.update(repeating: 7)
    for method in [StatisticsRefresh.parity, .pooled, .layered] {
      try refresh(method, step: 0)
      #expect(parts.state.buffers["bn4.running_mean"]!.allSatisfy { $0 == 7 })
      #expect(parts.state.buffers["bn5.running_mean"]!.allSatisfy { $0 != 7 })
    }
  }
}
