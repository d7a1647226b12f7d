import Lockstep
import Testing

@Suite("The threads of a rank")
struct ProcessorTests {
  @Test(
    "share the cores of the host, or are those that it is bound to, and never more than there is time for",
    arguments: [
      // Ranks on the host, cores in the mask, cores of the machine, cores with time.
      (1, 64, 64, 64, 64), (4, 64, 64, 64, 16), (128, 64, 64, 64, 1), (2, 8, 64, 8, 8), (2, 1, 64, 1, 1),
      // A container of 4 processors' time on 64 cores.
      (1, 64, 64, 4, 4), (2, 64, 64, 4, 2), (8, 64, 64, 4, 1), (2, 16, 64, 4, 2), (0, 2, 2, 2, 2),
    ])
  func threads(ranks: Int, available: Int, online: Int, usable: Int, expected: Int) {
    let threads = Processor.threads(ranksOnHost: ranks, available: available, online: online, usable: usable)
    #expect(threads == expected)
  }
}
