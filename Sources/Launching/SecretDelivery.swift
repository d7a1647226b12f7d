import Glibc

/// The secret by which the ranks of one start on several hosts know each other, left on each host in a file of this user alone.
///
/// It goes by the way on which the launcher enters the hosts (ssh), through standard input: never on a command line, in a variable,
/// or in what mpirun's processes say to each other. It goes away with the launcher's temporary folder there.
package struct SecretDelivery {
  let shell: RemoteShell
  let environment: [String: String]
  /// The launcher's temporary folder, which has the same path on every host.
  package let folder: String

  package init(shell: RemoteShell, environment: [String: String], folder: String) {
    self.shell = shell
    self.environment = environment
    self.folder = folder
  }

  /// Where the ranks find it.
  package var path: String { "\(folder)/secret" }

  private static let bytes = 32

  /// Makes the folder where it is missing, refuses one of another user, and puts the file in place whole, unless it is empty.
  /// Hosts may share the folder, so each writes under its own name first.
  private static let script =
    #"umask 077; mkdir -p "${1%/*}" 2>/dev/null; mkdir "$1" 2>/dev/null; test -d "$1" && test ! -L "$1" && test -O "$1" && chmod 700 "$1" &&"#
    + #" file=$(mktemp "$1/secret.XXXXXX") && cat > "$file" && test -s "$file" && mv -f "$file" "$1/secret""#

  /// Leaves a fresh secret on all hosts at once.
  /// - Returns: the hosts on which that failed.
  package func deliver(to hosts: [ClusterHost]) -> [ClusterHost] {
    var generator = SystemRandomNumberGenerator()
    let secret = (0..<Self.bytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    let done = HostProbe(shell: shell, environment: environment).run(
      ["sh", "-c", Self.script, "sh", folder], on: hosts, includingThis: true, input: secret)
    return hosts.filter { !done.contains($0.name) }
  }
}
