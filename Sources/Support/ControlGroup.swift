import Foundation

/// The limits that a container, a batch system or a service manager sets for this process, by the kernel's control groups.
///
/// A group lies within others, each of which may set a limit, and a container may see a part of the tree alone. So the limit is
/// the smallest of all groups from this process's up to the root, in version 2 and in version 1 of the file system.
package struct ControlGroup: Sendable {
  /// Those of this process.
  package static let here = ControlGroup()

  /// Where the file systems are mounted.
  private let root: String

  /// - Parameter root: the folder that stands for `/`.
  package init(root: String = "") { self.root = root }

  /// The share of time that the process and its neighbours may take, in processors; nil without a limit.
  package var processors: Double? {
    let second = texts("cpu.max", of: Self.unified).compactMap(Self.share)
    let first = folders(of: "cpu").compactMap { folder -> Double? in
      guard let quota = text("\(folder)/cpu.cfs_quota_us"), let period = text("\(folder)/cpu.cfs_period_us") else {
        return nil
      }
      return Self.share("\(quota) \(period)")
    }
    return (second + first).min()
  }

  /// Bytes of memory; nil without a limit.
  package var memory: Int? {
    let second = texts("memory.max", of: Self.unified)
    let first = texts("memory.limit_in_bytes", of: "memory")
    // Version 1 has no word for none, but a number near the largest.
    return (second + first).compactMap { Int($0) }.filter { $0 < 1 << 60 }.min()
  }

  /// How many processes of the groups have been ended for want of memory, as far as the kernel says.
  package var outOfMemoryKills: Int {
    let texts = texts("memory.events", of: Self.unified) + texts("memory.oom_control", of: "memory")
    let counts = texts.compactMap { text in
      text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("oom_kill ") }.flatMap { Int($0.dropFirst(9)) }
    }
    return counts.max() ?? 0
  }

  /// The processors that threads are started for: the time that is allowed, rounded up, since threads that wait take none; all
  /// of those at hand where there is no limit.
  package func usable(of processors: Int) -> Int {
    guard let quota = self.processors else { return max(1, processors) }
    return max(1, min(processors, Int(min(quota, 1e6).rounded(.up))))
  }

  // MARK: Files

  /// Stands for the controllers of version 2, which share one tree.
  private static let unified = ""

  /// "50000 100000" is half a processor; "max 100000" and "-1 100000" are no limit.
  private static func share(_ text: String) -> Double? {
    let numbers = text.split(whereSeparator: \.isWhitespace).map { Double($0) }
    guard numbers.count == 2, let quota = numbers[0], let period = numbers[1], quota > 0, period > 0 else { return nil }
    return quota / period
  }

  private func texts(_ name: String, of controller: String) -> [String] {
    folders(of: controller).compactMap { text("\($0)/\(name)") }
  }

  private func text(_ path: String) -> String? {
    (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// The folders of this process's group of a controller and of all groups around it.
  private func folders(of controller: String) -> [String] {
    let base = "\(root)/sys/fs/cgroup"
    let bases =
      controller == Self.unified
      ? [base, "\(base)/unified"]
      : [base + "/" + controller] + (controller == "cpu" ? ["\(base)/cpu,cpuacct", "\(base)/cpuacct,cpu"] : [])
    let groups = groups(of: controller)
    return bases.flatMap { base in groups.map { base + $0 } }
  }

  /// The group's path and those of the groups around it, the root's, which is empty, last.
  private func groups(of controller: String) -> [String] {
    let lines = (text("\(root)/proc/self/cgroup") ?? "").split(whereSeparator: \.isNewline)
    let fields = lines.map { $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false) }
    let own = fields.first { fields in
      guard fields.count == 3 else { return false }
      return controller == Self.unified
        ? fields[0] == "0" && fields[1].isEmpty : fields[1].split(separator: ",").contains(Substring(controller))
    }
    var names = (own?[2] ?? "").split(separator: "/")
    // The group is outside what this process sees of the tree.
    if names.contains("..") { names = [] }
    return (0...names.count).reversed().map { count in names[..<count].map { "/" + $0 }.joined() }
  }
}
