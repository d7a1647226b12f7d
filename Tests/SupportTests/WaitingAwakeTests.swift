import Support
import Testing

/// A rank that looks for bytes awake takes a processor that nobody else may need.
@Suite("A rank waits awake") struct WaitingAwakeTests {
  private func mayWaitAwake(_ identities: [String], processors: Int = 2, all: Int = 4) -> Bool {
    LocalHost.mayWaitAwake(on: identities[0], among: identities, processors: processors, allProcessors: all)
  }

  @Test("where each rank of its host has a processor, whoever works elsewhere")
  func hosts() {
    #expect(mayWaitAwake(["one net", "one net", "two net", "two net", "two net"]))
    #expect(!mayWaitAwake(["one net", "one net", "one net", "two net"]))
  }

  @Test("in one of several containers of a machine only where it has a processor for each rank of them all")
  func containers() {
    #expect(mayWaitAwake(["one a", "one b", "one c", "one d"]))
    #expect(!mayWaitAwake(["one a", "one b", "one c", "one d", "one e"]))
    #expect(!mayWaitAwake(["one a", "one a"], processors: 1))
  }
}
