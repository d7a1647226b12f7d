import Glibc

/// How a process ended.
package enum ProcessExit: Equatable, Sendable {
  case status(Int32)
  case signal(Int32)

  var isSignal: Bool { if case .signal = self { true } else { false } }

  /// In words, of a launcher that left nothing else to judge by.
  func reason(_ launcher: String) -> String {
    switch self {
    case .status(0): "\(launcher) ended before the run was complete"
    case .status(let status) where status > 128: "a rank was killed by \(Self.words(of: status - 128))"
    case .status(let status): "\(launcher) ended with status \(status); its output above says why"
    case .signal(let signal): "\(launcher) was killed by \(Self.words(of: signal))"
    }
  }

  /// "signal 9 (SIGKILL)".
  package static func words(of signal: Int32) -> String {
    let names: [Int32: String] = [
      SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP", SIGABRT: "SIGABRT",
      SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGKILL: "SIGKILL", SIGUSR1: "SIGUSR1", SIGSEGV: "SIGSEGV",
      SIGUSR2: "SIGUSR2", SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGTERM: "SIGTERM", SIGXCPU: "SIGXCPU",
      SIGXFSZ: "SIGXFSZ", SIGSYS: "SIGSYS",
    ]
    return "signal \(signal)" + (names[signal].map { " (\($0))" } ?? "")
  }
}
