import Foundation
import Glibc
import Support
import Transport

/// Whether the kernel of this machine ends processes for want of memory, from one moment on.
package struct MemoryShortage {
  private let group: ControlGroup
  private let root: String
  private let kills: (ofGroup: Int, ofMachine: Int)
  /// Microseconds since the machine was started.
  private let start: UInt64

  /// Begins to look.
  /// - Parameter root: the folder that stands for `/`.
  package init(root: String = "") {
    (group, self.root) = (ControlGroup(root: root), root)
    kills = (group.outOfMemoryKills, Self.machineKills(root))
    start = System.now / 1000
  }

  /// What says that a process was ended for want of memory since then; nil where nothing does.
  /// - Parameter program: the path of the ranks' program.
  package func evidence(program: String) -> String? {
    let name = String((program.split(separator: "/").last ?? "").prefix(15))
    if let process = KernelLog(root: root).kill(of: name, since: start) {
      return "out of memory: the kernel's log names process \(process)"
    }
    if group.outOfMemoryKills > kills.ofGroup {
      return "out of memory: the control group of this machine counts it (oom_kill)"
    }
    if Self.machineKills(root) > kills.ofMachine {
      return "probably out of memory: the kernel ended a process of this machine for want of it"
    }
    return nil
  }

  private static func machineKills(_ root: String) -> Int {
    let lines = ((try? String(contentsOfFile: "\(root)/proc/vmstat", encoding: .utf8)) ?? "").split(separator: "\n")
    return lines.first { $0.hasPrefix("oom_kill ") }.flatMap { Int($0.dropFirst(9)) } ?? 0
  }
}

/// The kernel's log, where this user may read it.
package struct KernelLog {
  /// A record each: priority, number, microseconds since the machine was started, flags; text.
  let records: [String]

  package init(records: [String]) { self.records = records }

  /// Reads all records that are kept.
  init(root: String = "") {
    let descriptor = open("\(root)/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      records = []
      return
    }
    defer { close(descriptor) }
    var records: [String] = []
    var room = [UInt8](repeating: 0, count: 16 << 10)
    while records.count < 1 << 17 {
      let count = read(descriptor, &room, room.count)
      // A record that was overwritten while it was read.
      if count < 0, errno == EPIPE { continue }
      guard count > 0 else { break }
      records.append(String(decoding: room[..<count], as: UTF8.self))
    }
    self.records = records
  }

  /// The number of the last process of that name that was ended for want of memory.
  package func kill(of name: String, since start: UInt64) -> Int? {
    for record in records.reversed() {
      let parts = record.split(separator: ";", maxSplits: 1)
      let fields = parts.first?.split(separator: ",") ?? []
      guard parts.count == 2, fields.count > 2, let time = UInt64(fields[2]), time + 1_000_000 >= start,
        let found = parts[1].firstMatch(of: /ut of memory: Killed process (\d+) \(([^)\n]*)\)/), found.2 == name
      else { continue }
      return Int(found.1)
    }
    return nil
  }
}
