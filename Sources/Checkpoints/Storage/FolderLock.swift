import Foundation
import Glibc
import Support

/// The lock that keeps a second program out of a run's folder: a hidden file that its holder keeps locked and has signed.
///
/// The kernel releases the lock with its process, however that ends, so a file that a dead process left is taken over.
public final class FolderLock {
  /// What a lock keeps out.
  public enum Role: String, Sendable {
    /// The rank that writes the run's files.
    case train
    /// The supervisor that starts ranks for the folder.
    case launch

    fileprivate var file: String { ".lock-\(rawValue)" }
  }

  /// Who holds a lock, as its file says.
  public struct Holder: Codable, Sendable, Equatable {
    public var host: String
    public var process: Int32
    /// When the lock was taken, in ISO 8601.
    public var since: String

    static var here: Holder {
      var name = [CChar](repeating: 0, count: 256)
      gethostname(&name, name.count - 1)
      return Holder(
        host: String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self), process: getpid(),
        since: Date.now.formatted(.iso8601))
    }
  }

  /// Why the file system gives no locks; nil where the lock is held.
  public let unavailable: String?
  private let path: String
  private let descriptor: Int32

  /// The longest signature that is read.
  private static let longestSignature = 4096

  /// Takes the lock of a folder.
  /// - Parameter seconds: how long another process may still hold it.
  /// - Throws: `FolderLockError` that names the holder, or `StorageError`.
  public init(_ folder: String, as role: Role, patience seconds: Double = 0) throws {
    path = folder + "/" + role.file
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
      let file = try Self.open(path)
      if flock(file, LOCK_EX | LOCK_NB) == 0 {
        // A holder that ends removes its file; a lock on a removed file keeps nobody out.
        guard Self.is(file, at: path) else {
          close(file)
          continue
        }
        (descriptor, unavailable) = (file, nil)
        break
      }
      let code = errno
      guard code == EWOULDBLOCK || code == EINTR else {
        (descriptor, unavailable) = (file, String(cString: strerror(code)))
        break
      }
      let holder = Self.holder(in: file)
      close(file)
      guard ContinuousClock.now < deadline else { throw FolderLockError(folder: folder, role: role, holder: holder) }
      usleep(100_000)
    }
    sign()
  }

  deinit {
    if unavailable == nil { unlink(path) }
    close(descriptor)
  }

  /// Checks that nobody holds the lock now.
  /// - Throws: `FolderLockError` that names the holder.
  public static func check(_ folder: String, as role: Role) throws {
    let file = Glibc.open(folder + "/" + role.file, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    guard file >= 0 else { return }
    defer { close(file) }
    guard flock(file, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return }
    throw FolderLockError(folder: folder, role: role, holder: holder(in: file))
  }

  private static func open(_ path: String) throws -> Int32 {
    let file = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard file >= 0 else { throw StorageError("open", path) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(file)
      throw StorageError("open", path, code: EINVAL)
    }
    return file
  }

  private static func `is`(_ file: Int32, at path: String) -> Bool {
    var (own, named) = (stat(), stat())
    return fstat(file, &own) == 0 && lstat(path, &named) == 0 && own.st_ino == named.st_ino
      && own.st_dev == named.st_dev
  }

  private func sign() {
    guard let text = try? JSONEncoder().encode(Holder.here) else { return }
    // The signature is for people; a full disk does not make the lock weaker.
    _ = ftruncate(descriptor, 0)
    _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  private static func holder(in file: Int32) -> Holder? {
    var bytes = [UInt8](repeating: 0, count: longestSignature)
    let count = pread(file, &bytes, bytes.count, 0)
    guard count > 0, var holder = try? Holder.decode(json: bytes.prefix(count)) else {
      return nil
    }
    // Whoever may write the file may not write to the terminal.
    (holder.host, holder.since) = (printable(holder.host), printable(holder.since))
    return holder
  }

  private static func printable(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.filter { $0.isASCII && $0.value > 0x20 && $0.value < 0x7F }.prefix(255)))
  }
}

/// A run's folder that another process works in.
public struct FolderLockError: ClassifiedError, Equatable, CustomStringConvertible {
  public let folder: String
  public let role: FolderLock.Role
  /// Nil where the file says nothing that can be read.
  public let holder: FolderLock.Holder?

  public var exitClass: ExitClass { .layout }

  public var description: String {
    let whom = holder.map { " on \($0.host), process \($0.process), since \($0.since)" } ?? ""
    return
      "\(folder) is in use by another lockstep \(role.rawValue)\(whom); wait for it, stop it, or give another --output"
  }
}
