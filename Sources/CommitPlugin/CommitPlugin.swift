import Foundation
import PackagePlugin

/// Writes the commit of the checkout into a source file, so that a program can say what it was built from.
///
/// It runs before every build, and writes the file only where the commit has changed, so that nothing is compiled again without need.
@main
struct CommitPlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let folder = context.pluginWorkDirectoryURL.appending(path: "Commit")
    return [
      .prebuildCommand(
        displayName: "Read the commit", executable: URL(filePath: "/bin/sh"),
        arguments: ["-c", Self.script, "sh", context.package.directoryURL.path, folder.path],
        outputFilesDirectory: folder)
    ]
  }

  /// A plus sign says that files differ from the commit. Without git or a repository the commit is `unknown`.
  private static let script = """
    commit=$(git -C "$1" rev-parse --short=12 HEAD 2>/dev/null) || commit=unknown
    [ -z "$(git -C "$1" status --porcelain --untracked-files=no 2>/dev/null)" ] || commit="$commit+"
    line="enum Commit { static let built = \\"$commit\\" }"
    mkdir -p "$2"
    [ "$(cat "$2/Commit.swift" 2>/dev/null)" = "$line" ] || printf '%s\\n' "$line" > "$2/Commit.swift"
    """
}
