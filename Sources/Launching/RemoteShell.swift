/// How a command is run on a host: on the way on which the launcher reaches it.
package struct RemoteShell: Sendable {
  package var launcher: Launcher
  /// The program that runs a command on another host, called with the host and the command; ssh by default.
  package var agent: String?

  package init(launcher: Launcher, agent: String?) {
    self.launcher = launcher
    self.agent = agent
  }

  /// The command line that runs a program with its arguments on a host.
  /// - Parameters:
  ///   - words: the program and its arguments, each as the program is to get it, whatever it holds.
  ///   - listens: whether the program reads its standard input.
  package func commandLine(_ words: [String], on host: ClusterHost, listens: Bool = false) -> CommandLine {
    if host.isLocal { return CommandLine(words[0], Array(words.dropFirst())) }
    if launcher == .srun {
      let step = ["--overlap", "--quiet", "--nodes=1", "--ntasks=1", "--cpu-bind=none", "--nodelist=\(host.name)"]
      return CommandLine("srun", step + words)
    }
    // What enters a host hands one text to the shell there.
    let command = words.map(Self.quoted).joined(separator: " ")
    if let agent {
      let words = agent.split(separator: " ").map(String.init)
      return CommandLine(words.first ?? "ssh", words.dropFirst() + [host.name, command])
    }
    let silence = listens ? [] : ["-n"]
    return CommandLine("ssh", silence + ["-o", "BatchMode=yes", "-o", "ConnectTimeout=10", host.name, command])
  }

  /// What must hold for a host to be reached, in words.
  package var condition: String {
    if launcher == .srun { return "that it belongs to the allocation" }
    return agent.map { "that \($0) enters it" } ?? "that ssh enters it without a password"
  }

  /// A word as a shell reads it.
  package static func quoted(_ word: String) -> String { "'" + word.replacing("'", with: "'\\''") + "'" }
}

extension LaunchRequest {
  /// How its hosts are reached.
  package var shell: RemoteShell { RemoteShell(launcher: launcher, agent: agent) }
}
