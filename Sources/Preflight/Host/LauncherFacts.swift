import Foundation
import Glibc
import Launching

/// What of a host's software starts ranks and connects them.
package struct LauncherFacts: Codable, Equatable, Sendable {
  /// What `mpirun --version` says first, such as `mpirun (Open MPI) 4.1.4`; nil where there is none.
  package var mpirun: String?
  package var srun: String?
  /// What the PMIx library that ranks load calls itself.
  package var pmix: String?

  package init(mpirun: String?, srun: String?, pmix: String?) {
    (self.mpirun, self.srun, self.pmix) = (mpirun, srun, pmix)
  }

  private static let patience = Duration.seconds(10)

  /// As this process finds them.
  package static var here: LauncherFacts {
    LauncherFacts(mpirun: firstLine("mpirun"), srun: firstLine("srun"), pmix: pmixVersion)
  }

  private static func firstLine(_ program: String) -> String? {
    let command = CommandLine(program, ["--version"])
    guard let dialogue = try? Dialogue(command, environment: ProcessInfo.processInfo.environment),
      case .line(let line) = dialogue.line(until: .now + patience)
    else { return nil }
    return line
  }

  private static var pmixVersion: String? {
    guard let library = dlopen("libpmix.so.2", RTLD_LAZY) ?? dlopen("libpmix.so", RTLD_LAZY),
      let symbol = dlsym(library, "PMIx_Get_version")
    else { return nil }
    typealias Version = @convention(c) () -> UnsafePointer<CChar>?
    let text = unsafeBitCast(symbol, to: Version.self)().map { String(cString: $0) }
    return text?.split(whereSeparator: { "(,".contains($0) }).first?.trimmingCharacters(in: .whitespaces)
  }
}
