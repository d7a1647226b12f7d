import Diagnostics
import Foundation
import Launching
import Testing

@Suite("What killed a rank")
struct DeathTests {
  private static let verdict = Verdict(
    rank: 1, host: "node2", cause: .died, detail: "its connection ended", operation: "gradients", step: 7)

  private func ending(_ verdicts: [Verdict], _ death: Death?) -> String? {
    Ending(.status(137), of: "mpirun", notes: [], verdicts: verdicts, isComplete: false, death: death).reason
  }

  @Test("is named by number and name, with what the kernel says of memory")
  func words() {
    #expect(
      ending([Self.verdict], Death(signal: 9))
        == "rank 1 on node2 died: its connection ended (step 7, gradients); killed by signal 9 (SIGKILL)")
    let shortage = "out of memory: the kernel's log names process 1234"
    #expect(
      ending([], Death(signal: 9, shortage: shortage))
        == "a rank was killed by signal 9 (SIGKILL), out of memory: the kernel's log names process 1234")
    #expect(ending([], Death(signal: 11)) == "a rank was killed by signal 11 (SIGSEGV)")
    #expect(ending([], Death(signal: 50)) == "a rank was killed by signal 50")
    var frozen = Self.verdict
    frozen.cause = .silent
    #expect(ending([frozen], Death(signal: 9))?.contains("signal") == false)
  }

  @Test("is found in the kernel's log, of its own program and its own time")
  func log() {
    // As Linux 5.10 and 6.1 write it, with what follows a line.
    let records = [
      "6,812,4000000,-;Out of memory: Killed process 11 (lockstep) total-vm:1kB, anon-rss:1kB\n",
      "6,900,9000000,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),task=lockstep,pid=22,uid=0\n",
      "3,901,9000001,-;Memory cgroup out of memory: Killed process 22 (lockstep) total-vm:9kB, anon-rss:8kB\n SUBSYSTEM=x\n",
      "3,902,9000002,-;Memory cgroup out of memory: Killed process 33 (stress) total-vm:9kB, anon-rss:8kB\n",
      "garbage",
    ]
    let log = KernelLog(records: records)
    #expect(log.kill(of: "lockstep", since: 9_000_000) == 22)
    #expect(log.kill(of: "stress", since: 9_000_000) == 33)
    #expect(log.kill(of: "lockstep", since: 20_000_000) == nil)
    #expect(KernelLog(records: Array(records.prefix(1))).kill(of: "lockstep", since: 9_000_000) == nil)
  }

  @Test("is found in the counters of control group and machine, where they rise")
  func counters() throws {
    let root = FileManager.default.temporaryDirectory.path + "/lockstep-memory-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    func write(_ text: String, to name: String) throws {
      let file = URL(filePath: "\(root)/\(name)")
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    try write("0::/\n", to: "proc/self/cgroup")
    try write("oom 0\noom_kill 1\n", to: "sys/fs/cgroup/memory.events")
    try write("pgfault 7\noom_kill 4\n", to: "proc/vmstat")
    let shortage = MemoryShortage(root: root)
    #expect(shortage.evidence(program: "/opt/lockstep") == nil)
    try write("pgfault 9\noom_kill 5\n", to: "proc/vmstat")
    #expect(shortage.evidence(program: "/opt/lockstep")?.hasPrefix("probably out of memory: ") == true)
    try write("oom 0\noom_kill 2\n", to: "sys/fs/cgroup/memory.events")
    #expect(shortage.evidence(program: "/opt/lockstep")?.hasPrefix("out of memory: ") == true)
  }
}

@Suite("The starts of a launch")
struct LaunchAttemptsTests {
  private static let history = """
    {"attempt":0,"event":"started","hosts":["old"],"ranks":1,"time":"t"}
    {"attempt":0,"event":"over","decision":"finished after 0 restarts","status":0,"time":"t"}
    {"attempt":0,"event":"started","hosts":["localhost"],"ranks":2,"time":"t"}
    {"attempt":0,"event":"ended","outcome":"failed","reason":"a rank was killed by signal 9 (SIGKILL)","seconds":1.25,"time":"t"}
    not a line
    {"attempt":1,"committed_step":40,"event":"started","hosts":["localhost"],"ranks":2,"time":"t"}
    {"attempt":1,"event":"ended","outcome":"finished","seconds":2,"time":"t"}
    {"attempt":1,"decision":"finished after 1 restart","event":"over","status":0,"time":"t"}
    """

  @Test("are those of the last one, each with its end; what is no line is left out and said")
  func last() throws {
    let attempts = LaunchAttempts(text: Self.history)
    #expect(
      attempts.description == """
        start 1: 2 ranks on localhost: failed after 1.2 s: a rank was killed by signal 9 (SIGKILL)
        start 2: 2 ranks on localhost, from step 40: finished after 2.0 s
        launch: finished after 1 restart
        launch.jsonl: 1 line cannot be read
        """)
    let json = String(decoding: try JSONEncoder().encode(attempts), as: UTF8.self)
    #expect(json.contains("\"committed_step\":40") && !json.contains("old"))
  }

  @Test("that have no end are not over")
  func cut() {
    let attempts = LaunchAttempts(
      text: "{\"attempt\":0,\"event\":\"started\",\"hosts\":[\"a\"],\"ranks\":1,\"time\":\"t\"}\n")
    #expect(attempts.description == "start 1: 1 rank on a: not over, or its launch was killed")
    #expect(LaunchAttempts(text: "").isEmpty)
  }
}
