import Lockstep
import Schedules
import Testing

@Suite struct ForecastTests {
  private static let costs = NetworkCosts(
    latency: 20e-6, messageWork: 5e-6, crowdedMessageWork: 15e-6, byteWork: 0.3e-9, wireByte: 0.8e-9,
    sharedByte: 0.1e-9)

  private static func layout(_ ranks: Int, perHost: Int = 1) -> ClusterLayout {
    ClusterLayout(ranks: ranks, ranksPerHost: perHost, coresPerHost: 4)
  }

  /// What the schedules of the real collectives take.
  private static func simulated(_ ranks: Int, bytes: Int, isOrdered: Bool) -> Double {
    var operation = CollectiveOperation(isOrdered ? .orderedSum : .sum, name: "gradient", step: 0, count: bytes / 4)
    operation.shares = SummationTree.shares(leaves: ranks, ranks: ranks)
    let schedules = (0..<ranks).map { Planner(rank: $0, size: ranks).schedule(for: operation) }
    return LinkSimulation(latency: costs.latency, message: costs.messageWork, byte: costs.wireByte).run(schedules)
  }

  @Test(
    "a ring takes what the schedules that really run take, within a sixth", arguments: [2, 3, 4, 8],
    [4 << 10, 1 << 20, 8 << 20])
  func ring(ranks: Int, bytes: Int) {
    let forecast = ReductionForecast(Self.costs, on: Self.layout(ranks)).sum(bytes: bytes, by: .ring)
    let ratio = forecast / Self.simulated(ranks, bytes: bytes, isOrdered: false)
    #expect((0.85...1.17).contains(ratio), "\(ratio)")
  }

  @Test(
    "an ordered sum takes what the schedules that really run take, within a sixth", arguments: [2, 4, 8],
    [1 << 20, 8 << 20])
  func ordered(ranks: Int, bytes: Int) {
    let forecast = ReductionForecast(Self.costs, on: Self.layout(ranks)).sum(bytes: bytes, by: .ordered)
    let ratio = forecast / Self.simulated(ranks, bytes: bytes, isOrdered: true)
    #expect((0.85...1.17).contains(ratio), "\(ratio)")
  }

  /// What a sum in ten buckets is waited for beside a backward pass of so many seconds.
  private static func waited(_ backward: Double?, ranks: Int = 4, cores: Int = 2) -> Double {
    let layout = ClusterLayout(ranks: ranks, ranksPerHost: 1, coresPerHost: cores)
    return ReductionForecast(costs, on: layout).gradient(bytes: 40 << 20, by: .ring, beside: backward)
  }

  @Test(
    "buckets are waited for as long as the schedules that really run take, each when the pass has filled it, within a sixth",
    arguments: [2, 4, 8], [0, 0.01, 0.02, 0.05, 0.08, 1])
  func buckets(ranks: Int, backward: Double) {
    let one = Self.simulated(ranks, bytes: 4 << 20, isOrdered: false)
    var end = 0.0
    for filled in 1...10 { end = max(end, backward * Double(filled) / 10) + one }
    let ratio = Self.waited(backward, ranks: ranks) / (end - backward)
    #expect((0.85...1.17).contains(ratio), "\(ratio)")
  }

  @Test("a backward pass hides all but the last bucket of a sum, and where it has no core to spare the waiting alone")
  func overlap() {
    let bucket = ReductionForecast(Self.costs, on: Self.layout(4)).sum(bytes: 4 << 20, by: .ring)
    #expect(abs(Self.waited(nil) / (10 * bucket) - 1) < 1e-9 && abs(Self.waited(1) / bucket - 1) < 1e-9)
    // A host of one core: a byte takes its processor 0.3 ns of the 0.8 on the wire.
    #expect(abs(Self.waited(1, cores: 1) / bucket - (1 + 9 * 0.3 / 0.8)) < 0.05)
  }

  private static let profile = StepProfile(
    microbatches: 8, rowsOfMicrobatch: 16, microbatchSeconds: (0.1, 0.1), updateSeconds: 0.01,
    gradientBytes: 40_000_000,
    weightBytes: 90_000_000, gathers: 2)

  private static func step(_ ranks: Int, _ method: StepForecast.Method, perHost: Int = 1, weak: Bool = false)
    -> StepForecast
  {
    StepForecast(profile, costs, on: layout(ranks, perHost: perHost), by: method, isWeak: weak)
  }

  @Test("gradients are summed beside the backward pass where the recipe says so, and if it says nothing between hosts")
  func choice() {
    func seconds(_ overlap: Bool?, perHost: Int) -> Double {
      var profile = Self.profile
      profile.overlap = overlap
      return StepForecast(profile, Self.costs, on: Self.layout(4, perHost: perHost), by: .sums(.ring)).seconds
    }
    for perHost in [1, 4] {
      #expect(seconds(nil, perHost: perHost) == seconds(perHost == 1, perHost: perHost))
      #expect(seconds(true, perHost: perHost) < seconds(false, perHost: perHost))
    }
  }

  @Test("one rank waits for nobody")
  func alone() {
    let forecast = Self.step(1, .sums(.ring))
    #expect(forecast.reductionSeconds == 0 && abs(forecast.seconds - 0.81) < 1e-12)
    #expect(abs(forecast.efficiency - 1) < 1e-12 && abs(forecast.samplesPerSecond - 128 / 0.81) < 1e-9)
  }

  @Test("of eight microbatches on three ranks, one has three")
  func unevenShares() { #expect(abs(Self.step(3, .sums(.ring)).computeSeconds - 0.31) < 1e-12) }

  @Test("ranks wait for the one with the longest rows")
  func unevenRows() {
    var profile = Self.profile
    profile.weights = [1.5, 0.5]
    let forecast = StepForecast(profile, Self.costs, on: Self.layout(8), by: .sums(.ring))
    #expect(abs(forecast.computeSeconds - 0.16) < 1e-12)
  }

  @Test("all steps count whose rows are known, however many")
  func manySteps() {
    var profile = Self.profile
    profile.weights = Array(repeating: 0.5, count: 8 * 16) + Array(repeating: 3, count: 8 * 4)
    let forecast = StepForecast(profile, Self.costs, on: Self.layout(1), by: .sums(.ring))
    #expect(abs(forecast.computeSeconds - 0.81) < 1e-12 && abs(forecast.efficiency - 1) < 1e-12)
  }

  @Test("more ranks than microbatches help nobody")
  func idle() { #expect(Self.step(16, .sums(.ring)).seconds > Self.step(8, .sums(.ring)).seconds) }

  @Test("ranks that update a part each gather the others' parts of the weights after the sum")
  func gathered() {
    var profile = Self.profile
    profile.gatheredBytes = profile.weightBytes
    for ranks in [1, 2, 8] {
      let parts = StepForecast(profile, Self.costs, on: Self.layout(ranks), by: .sums(.ring))
      let more = parts.reductionSeconds - Self.step(ranks, .sums(.ring)).reductionSeconds
      let bytes = Double(ranks - 1) / Double(ranks) * 90e6
      #expect(abs(more - bytes * 0.8e-9) < 1e-4, "\(ranks) ranks: \(more)")
    }
  }

  @Test("twice as many ranks as cores of a host compute half as fast")
  func crowding() {
    let (four, eight) = (Self.step(4, .sums(.ring), perHost: 4), Self.step(8, .sums(.ring), perHost: 8))
    #expect(abs(four.computeSeconds - 0.21) < 1e-12 && abs(eight.computeSeconds - 0.22) < 1e-12)
  }

  @Test("hosts of four ranks that add in memory first wait for a quarter of the messages of a ring of all")
  func hierarchical() {
    let forecast = ReductionForecast(Self.costs, on: Self.layout(1024, perHost: 4))
    #expect(forecast.sum(bytes: 4_000_000, by: .hierarchical) < 0.5 * forecast.sum(bytes: 4_000_000, by: .ring))
  }

  @Test("a batch that grows with ten thousand ranks keeps them busy, best with sums every sixteenth step")
  func weak() {
    let (ring, every) = (Self.step(10_000, .sums(.ring), weak: true), Self.step(10_000, .every(16), weak: true))
    #expect(ring.computeSeconds == Self.step(1, .sums(.ring)).computeSeconds)
    #expect(every.efficiency > ring.efficiency && every.efficiency < 1)
  }
}
