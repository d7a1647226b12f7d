import Foundation

/// Hosts in network namespaces on this machine, made by `cluster/virtual/hosts` and removed with the object.
final class VirtualCluster {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "cluster/virtual").path
  private static let name = "lockstest"
  private static let network = "10.79.0"

  /// Whether this process may make network namespaces here.
  static let isPossible: Bool = {
    guard geteuid() == 0, Command.hasLauncher, Shell.has("ip", "unshare") else { return false }
    let probe = "lockstep-probe-\(getpid())"
    guard (try? Shell.run("ip", ["netns", "add", probe]))?.status == 0 else { return false }
    return (try? Shell.run("ip", ["netns", "delete", probe]))?.status == 0
  }()

  /// - Parameter hosts: named lockstest-1 and so on.
  init(hosts: Int) throws {
    _ = try Self.hosts("down")
    let made = try Self.hosts("up", "\(hosts)")
    guard made.status == 0 else { throw CocoaError(.executableLoad, userInfo: ["up": made.error]) }
  }

  deinit { _ = try? Self.hosts("down") }

  func name(_ host: Int) -> String { "\(Self.name)-\(host)" }

  /// Takes a host off the network.
  func cut(_ host: Int) throws { _ = try Self.hosts("cut", "\(host)") }

  /// Has the network lose packets of more than 600 bytes on their way to a host, without a word to who sends them. Whole frames
  /// alone are measured, so no host hands over several in one.
  func dropLargePackets(to host: Int) throws {
    let names = try Shell.run("ip", ["netns", "list"]).output.split(separator: "\n")
      .compactMap { $0.split(separator: " ").first }
    for name in names where name.hasPrefix(Self.name + "-") {
      _ = try Shell.run("ip", ["-n", String(name), "link", "set", "eth0", "gso_max_segs", "1"])
    }
    _ = try Shell.run("ip", ["link", "set", name(host), "mtu", "600"])
  }

  /// A command whose ranks mpirun starts on the hosts, in order.
  func placing(_ command: Command, hosts: Int, slots: Int) -> Command {
    var command = command
    let places = (1...hosts).map { "\(name($0)):\(slots)" }.joined(separator: ",")
    let interfaces = ["oob_tcp_if_include", "btl_tcp_if_include"].flatMap { ["--mca", $0, Self.network + ".0/24"] }
    command.launcherOptions = ["--mca", "plm_rsh_agent", Self.folder + "/agent", "--host", places] + interfaces
    command.ranks = hosts * slots
    return command
  }

  /// The options by which `lockstep launch` starts ranks on the hosts that a file names.
  static let launchOptions = ["--agent", folder + "/agent", "--interface", network + ".0/24"]

  /// An agent beside the cluster's own by which one host sees other files or folders under some paths; a program written into a folder.
  func agent(in folder: TemporaryFolder, host: Int, seeing replacements: [String: String]) throws -> String {
    let mounts = replacements.map { "mount --bind '\($0.value)' '\($0.key)'; " }.joined()
    let script = """
      #!/usr/bin/env bash
      set -euo pipefail
      [ "$1" = \(name(host)) ] || exec '\(Self.folder)/agent' "$@"
      host=$1
      shift
      exec ip netns exec "$host" unshare --uts --mount bash -c "\(mounts)hostname $host; $*"

      """
    try folder.write(script, to: "agent")
    let path = folder.path + "/agent"
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return path
  }

  private static func hosts(_ arguments: String...) throws -> Shell.Outcome {
    try Shell.run(folder + "/hosts", arguments, environment: ["CLUSTER_NAME": name, "CLUSTER_NETWORK": network])
  }
}
