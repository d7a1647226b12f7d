import Glibc

/// The three standard streams of the process, made safe before anything else is opened.
package enum StandardStreams {
  /// Opens the standard streams that the process was started without, and turns two signals into errors.
  ///
  /// Without this, the first file that the program opens would become a closed stream, and what is printed would end up
  /// in it. Standard output is opened such that writing to it fails; what goes to standard error is dropped.
  package static func prepare() {
    for (descriptor, mode) in [(STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY)]
    where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", mode)
    }
    // A reader that is gone, and a limit of file sizes, are errors of the call that met them.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Ends the process as one that writes to a pipe without a reader: quietly, by SIGPIPE.
  package static func endByBrokenPipe() -> Never {
    signal(SIGPIPE, SIG_DFL)
    var pipe = sigset_t()
    sigemptyset(&pipe)
    sigaddset(&pipe, SIGPIPE)
    sigprocmask(SIG_UNBLOCK, &pipe, nil)
    raise(SIGPIPE)
    _exit(128 + SIGPIPE)
  }

  /// Writes all bytes to a descriptor, through interruptions and partial writes.
  /// - Returns: 0, or the errno of the write that failed.
  static func write(_ text: String, to descriptor: Int32) -> Int32 {
    var text = text
    return text.withUTF8 { bytes in
      var written = 0
      while written < bytes.count {
        let count = Glibc.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
        if count >= 0 {
          written += count
        } else if errno == EAGAIN {
          var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&waiting, 1, -1)
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
  }
}
