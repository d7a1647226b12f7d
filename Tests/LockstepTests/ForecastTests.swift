import Collectives
import Lockstep
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
    var operation = Operation(isOrdered ? .orderedSum : .sum, name: "gradient", step: 0, count: bytes / 4)
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

  @Test("a backward pass hides all but the last bucket of a sum between hosts, and on full hosts the waiting alone")
  func overlap() {
    let bytes = 40 << 20
    func waited(_ backward: Double, cores: Int = 2, perHost: Int = 1) -> Double {
      let layout = ClusterLayout(ranks: 4, ranksPerHost: perHost, coresPerHost: cores)
      return ReductionForecast(Self.costs, on: layout).gradient(bytes: bytes, by: .ring, beside: backward)
    }
    let bucket = ReductionForecast(Self.costs, on: Self.layout(4)).sum(bytes: bytes / 10, by: .ring)
    #expect(abs(waited(0) / (10 * bucket) - 1) < 1e-9 && abs(waited(1) / bucket - 1) < 1e-9)
    #expect(abs(waited(0.01) - waited(0) + 0.01) < 1e-9)
    // A host of one core: a byte takes its processor 0.3 ns of the 0.8 on the wire.
    #expect(abs(waited(1, cores: 1) / bucket - (1 + 9 * 0.3 / 0.8)) < 0.05)
    #expect(waited(1, cores: 8, perHost: 4) == waited(0, cores: 8, perHost: 4))
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
