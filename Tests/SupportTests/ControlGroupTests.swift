import Foundation
import Support
import Testing

@Suite("The limits of control groups")
struct ControlGroupTests {
  /// A tree of files in which nothing of this machine is seen.
  private final class Root {
    let path = FileManager.default.temporaryDirectory.path + "/lockstep-cgroup-\(UUID().uuidString)"

    init(_ files: [String: String]) throws {
      for (name, text) in files {
        let file = URL(filePath: "\(path)/\(name)")
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data((text + "\n").utf8).write(to: file)
      }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  private static let pod = "proc/self/cgroup"
  private static let first = "sys/fs/cgroup/cpu,cpuacct"

  @Test(
    "the time that is allowed is the least of all groups around the process, in version 2 and in version 1",
    arguments: [
      // A container sees its own group as the root.
      ([pod: "0::/", "sys/fs/cgroup/cpu.max": "100000 100000"], 1.0),
      ([pod: "0::/", "sys/fs/cgroup/cpu.max": "max 100000"], nil),
      // Kubernetes limits the pod around the container, systemd the slice around the service.
      (
        [
          pod: "0::/kubepods/pod7/c", "sys/fs/cgroup/kubepods/pod7/c/cpu.max": "max 100000",
          "sys/fs/cgroup/kubepods/pod7/cpu.max": "150000 100000", "sys/fs/cgroup/kubepods/cpu.max": "800000 100000",
        ], 1.5
      ),
      // A path that is outside what the container sees: its own root counts.
      ([pod: "0::/../../other", "sys/fs/cgroup/cpu.max": "50000 100000"], 0.5),
      ([pod: "0::/docker/abc", "sys/fs/cgroup/cpu.max": "250000 50000"], 5),
      ([pod: "4:cpu,cpuacct:/", "\(first)/cpu.cfs_quota_us": "-1", "\(first)/cpu.cfs_period_us": "100000"], nil),
      (
        [
          pod: "11:memory:/x\n4:cpu,cpuacct:/docker/abc\n0::/y", "\(first)/docker/abc/cpu.cfs_quota_us": "400000",
          "\(first)/docker/abc/cpu.cfs_period_us": "100000", "\(first)/docker/cpu.cfs_quota_us": "-1",
          "\(first)/docker/cpu.cfs_period_us": "100000", "\(first)/cpu.cfs_quota_us": "300000",
          "\(first)/cpu.cfs_period_us": "100000",
        ], 3
      ),
      (
        [
          pod: "2:cpu:/job\n0::/", "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us": "25000",
          "sys/fs/cgroup/cpu/job/cpu.cfs_period_us": "50000",
        ], 0.5
      ),
      ([pod: "0::/", "sys/fs/cgroup/cpu.max": "garbage"], nil), ([pod: "0::/", "sys/fs/cgroup/cpu.max": "0 0"], nil),
      ([:], nil),
    ] as [([String: String], Double?)])
  func processors(files: [String: String], expected: Double?) throws {
    let root = try Root(files)
    #expect(ControlGroup(root: root.path).processors == expected)
  }

  @Test(
    "threads are as many as there is time for, rounded up, at least one and no more than there are cores",
    arguments: [
      ("100000 100000", 64, 1), ("150000 100000", 64, 2), ("10000 100000", 64, 1), ("400000 100000", 2, 2),
      ("max 100000", 8, 8), ("1e300 1", 8, 8),
    ])
  func usable(quota: String, cores: Int, expected: Int) throws {
    let root = try Root([Self.pod: "0::/", "sys/fs/cgroup/cpu.max": quota])
    #expect(ControlGroup(root: root.path).usable(of: cores) == expected)
  }

  @Test("memory is the least limit, and the number that stands for none is no limit")
  func memory() throws {
    let second = try Root([
      Self.pod: "0::/a", "sys/fs/cgroup/a/memory.max": "max", "sys/fs/cgroup/memory.max": "1048576",
    ])
    #expect(ControlGroup(root: second.path).memory == 1 << 20)
    let first = try Root([
      Self.pod: "3:memory:/job", "sys/fs/cgroup/memory/job/memory.limit_in_bytes": "536870912",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
    ])
    #expect(ControlGroup(root: first.path).memory == 512 << 20)
    #expect(ControlGroup(root: try Root([:]).path).memory == nil)
  }

  @Test("kills for want of memory are counted in both versions")
  func kills() throws {
    let second = try Root([Self.pod: "0::/", "sys/fs/cgroup/memory.events": "low 0\nhigh 4\noom 2\noom_kill 3"])
    #expect(ControlGroup(root: second.path).outOfMemoryKills == 3)
    let first = try Root([
      Self.pod: "3:memory:/", "sys/fs/cgroup/memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2",
    ])
    #expect(ControlGroup(root: first.path).outOfMemoryKills == 2)
    #expect(ControlGroup(root: try Root([:]).path).outOfMemoryKills == 0)
  }
}
