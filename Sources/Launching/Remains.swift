import Foundation
import Glibc
import Support

/// What a start may leave on this machine when its launcher is killed, and how it is taken away.
///
/// Every process of a start carries the run's folder in a variable of its environment, by which it is found whoever its parent is.
struct Remains {
  /// The variable with the run's folder.
  static let variable = "LOCKSTEP_LAUNCH"

  /// The folder for the launcher's temporary files: one name a run, so that what a killed launch left is found again.
  private(set) var temporaryFolder: String
  private let mark: String

  /// - Parameters:
  ///   - output: the absolute path of the run's folder.
  ///   - isHandedOn: whether mpirun writes the folder into command lines for other hosts, which it does not quote.
  init(output: String, environment: [String: String], isHandedOn: Bool = false) {
    mark = "\(Self.variable)=\(output)"
    let hash = FNV1a(output.utf8).value
    let given = environment["TMPDIR"].flatMap { $0.isEmpty || isHandedOn && !Self.isPlain($0) ? nil : $0 }
    let base = given ?? "/tmp"
    temporaryFolder = "\(base)/lockstep-\(getuid())-\(String(hash, radix: 16))"
  }

  /// Whether no shell reads a path as anything but itself.
  private static func isPlain(_ path: String) -> Bool {
    path.utf8.allSatisfy { byte in
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
        || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "/._-+:@".utf8.contains(byte)
    }
  }

  /// Makes the temporary folder, empty, under another name where somebody else has taken it first.
  mutating func prepare() throws(LaunchError) {
    clear()
    if mkdir(temporaryFolder, 0o700) == 0 { return }
    let code = errno
    var status = stat()
    if lstat(temporaryFolder, &status) == 0 { return try takeOtherName() }
    throw failure(code)
  }

  /// Makes the folder under a name that nobody can know before.
  mutating func takeOtherName() throws(LaunchError) {
    let before = temporaryFolder
    var generator = SystemRandomNumberGenerator()
    temporaryFolder += "-" + String(generator.next(), radix: 16)
    guard mkdir(temporaryFolder, 0o700) == 0 else {
      let error = failure(errno)
      temporaryFolder = before
      throw error
    }
  }

  private func failure(_ code: Int32) -> LaunchError {
    LaunchError(
      "\(temporaryFolder): \(String(cString: strerror(code)))", advice: "remove it, or set TMPDIR to another folder")
  }

  /// Ends the processes that are left, and removes the temporary folder.
  func clear() {
    let deadline = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < deadline {
      let left = processes
      if left.isEmpty { break }
      for process in left { kill(process, SIGKILL) }
      usleep(10_000)
    }
    var status = stat()
    guard lstat(temporaryFolder, &status) == 0, status.st_uid == getuid(), status.st_mode & S_IFMT == S_IFDIR else {
      return
    }
    try? FileManager.default.removeItem(atPath: temporaryFolder)
  }

  /// The processes of this user that a start of this run has left.
  var processes: [pid_t] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    let wanted = Data(mark.utf8)
    return names.compactMap { pid_t($0) }.filter { process in
      guard process != getpid(), let environment = FileManager.default.contents(atPath: "/proc/\(process)/environ")
      else { return false }
      return environment.split(separator: 0).contains(wanted)
    }
  }
}
