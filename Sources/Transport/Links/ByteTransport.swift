/// A connection with another rank that moves bytes without waiting.
package protocol ByteTransport: AnyObject, Sendable {
  /// What to watch for changes.
  var descriptor: Int32 { get }

  /// Sends what goes at once. A window that was not taken whole comes again, with its rest and perhaps more behind it.
  func send(_ window: SendWindow) -> Transfer

  /// Fills the window with what is there.
  func receive(_ window: UnsafeMutableRawBufferPointer) -> Transfer

  /// Ends the connection in both directions, for this process and the other.
  func shutDown()
}

/// What became of an attempt to move bytes.
package enum Transfer {
  case moved(Int)
  /// Nothing now; the descriptor will say when.
  case wouldBlock
  /// The connection is over.
  case ended(End)

  /// How a connection ends.
  package enum End {
    /// The other side closed it.
    case closed
    /// A system call failed with this errno.
    case failed(Int32)
    /// What came cannot be trusted, nor anything after it.
    case spoiled(String)

    package var words: String {
      switch self {
      case .closed: "its connection ended without a farewell"
      case .failed(let code): System.words(code)
      case .spoiled(let what): what
      }
    }
  }
}
