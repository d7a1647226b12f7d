import Checkpoints
import Foundation
import Glibc
import Support

/// The secret that a browser must show to see a page: other users of the machine and the network could ask for it.
package struct AccessToken: Sendable, Equatable {
  package let text: String

  /// Characters of a token, and the fewest that a file may hold.
  private static let length = 32
  private static let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789")

  init?(_ text: String) {
    guard text.utf8.count >= Self.length, text.utf8.count <= 256,
      text.unicodeScalars.allSatisfy({ $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil) })
    else { return nil }
    self.text = text
  }

  /// A new one of 160 random bits.
  package static func random() -> AccessToken {
    var generator = SystemRandomNumberGenerator()
    let characters = (0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
    guard let token = AccessToken(String(characters)) else { preconditionFailure("\(characters) is not a token") }
    return token
  }

  /// The token of a file that its owner alone may read; where there is none, the file is made.
  /// - Throws: `DashboardError` where others may read it, or it cannot be made.
  package static func kept(in path: String) throws -> AccessToken {
    var status = stat()
    if lstat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
        throw DashboardError("\(path) is not yours alone", advice: "remove it; a new one is made with mode 0600")
      }
      let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      if let token = AccessToken(text.trimmingCharacters(in: .whitespacesAndNewlines)) { return token }
      unlink(path)
    }
    let token = random()
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw DashboardError("\(path): \(String(cString: strerror(errno)))", advice: "make the folder writable")
    }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      try file.write(contentsOf: Data((token.text + "\n").utf8))
    } catch {
      throw DashboardError("\(path) cannot be written", advice: "make room on the disk")
    }
    return token
  }

  /// Takes the same time however much of a guess is right.
  func matches(_ guess: String) -> Bool {
    let (own, other) = (Array(text.utf8), Array(guess.utf8))
    var difference = UInt8(own.count == other.count ? 0 : 1)
    for index in own.indices { difference |= own[index] ^ (index < other.count ? other[index] : 0xFF) }
    return difference == 0
  }
}

/// Why there is no page.
package struct DashboardError: ClassifiedError, CustomStringConvertible {
  package let description: String

  package init(_ problem: String, advice: String) { description = "\(problem); \(advice)" }

  package var exitClass: ExitClass { .layout }
}
