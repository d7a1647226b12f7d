import Support
import Testing

/// A rank that spins for bytes takes a processor that nobody else may need.
@Suite("A rank spins") struct SpinTests {
  private func maySpin(_ identities: [String], processors: Int = 2, all: Int = 4) -> Bool {
    LocalHost.maySpin(on: identities[0], among: identities, processors: processors, allProcessors: all)
  }

  @Test("where each rank of its host has a processor, whoever works elsewhere")
  func hosts() {
    #expect(maySpin(["one net", "one net", "two net", "two net", "two net"]))
    #expect(!maySpin(["one net", "one net", "one net", "two net"]))
  }

  @Test("in one of several containers of a machine only where it has a processor for each rank of them all")
  func containers() {
    #expect(maySpin(["one a", "one b", "one c", "one d"]))
    #expect(!maySpin(["one a", "one b", "one c", "one d", "one e"]))
    #expect(!maySpin(["one a", "one a"], processors: 1))
  }
}
