import Glibc

/// 32 random bytes by which the ranks of one start know each other, in a file without a name.
///
/// Ranks inherit it as their standard input; it is gone with the last process that has it open, however that one ends.
final class NamelessSecret {
  /// How a rank finds it.
  static let path = "/dev/stdin"

  let descriptor: Int32

  /// - Parameter folder: this user's own, on any disk; the name is taken away before there is anything to read.
  init(in folder: String) throws(LaunchError) {
    let path = "\(folder)/secret"
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0, unlink(path) == 0, Self.write(to: descriptor) else {
      let reason = String(cString: strerror(errno))
      if descriptor >= 0 { close(descriptor) }
      throw LaunchError("\(path) cannot be written: \(reason)", advice: "set TMPDIR to a folder that can")
    }
  }

  private static func write(to descriptor: Int32) -> Bool {
    var generator = SystemRandomNumberGenerator()
    let secret = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    return Glibc.write(descriptor, secret, secret.count) == secret.count
  }

  deinit { close(descriptor) }
}
