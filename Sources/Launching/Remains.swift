import Foundation
import Glibc
import Support

/// What a start may leave on this machine when its launcher is killed, and how it is taken away.
///
/// Every process of a start carries the run's folder in a variable of its environment, by which it is found whoever its parent is.
struct Remains {
  /// The variable with the run's folder.
  static let variable = "LOCKSTEP_LAUNCH"

  /// The folder for the launcher's temporary files.
  let temporaryFolder: String
  private let mark: String

  /// - Parameter output: the absolute path of the run's folder.
  init(output: String, environment: [String: String]) {
    mark = "\(Self.variable)=\(output)"
    let hash = FNV1a(output.utf8).value
    let base = environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    temporaryFolder = "\(base)/lockstep-\(getuid())-\(String(hash, radix: 16))"
  }

  /// Makes the temporary folder, empty; one that is not this user's own is refused.
  func prepare() throws(LaunchError) {
    clear()
    guard mkdir(temporaryFolder, 0o700) == 0 else {
      throw LaunchError(
        "\(temporaryFolder): \(String(cString: strerror(errno)))", advice: "remove it, or set TMPDIR to another folder")
    }
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
