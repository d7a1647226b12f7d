/// How the first rank that failed was killed, as far as its launcher and the kernel say.
package struct Death: Equatable, Sendable {
  package var signal: Int32
  /// What says that memory was short; nil where nothing does.
  package var shortage: String?

  package init(signal: Int32, shortage: String? = nil) {
    self.signal = signal
    self.shortage = shortage
  }

  /// From how the first process of a start that failed ended: the rank itself, or a launcher that hands on its signal.
  init?(_ exit: ProcessExit?, of launcher: Launcher) {
    switch exit {
    case .signal(let signal) where launcher == .local: self.init(signal: signal)
    case .status(let status) where status > 128 && status < 128 + 65: self.init(signal: status - 128)
    default: return nil
    }
  }

  /// "killed by signal 9 (SIGKILL), out of memory: …".
  package var words: String { "killed by \(ProcessExit.words(of: signal))" + (shortage.map { ", \($0)" } ?? "") }
}
