import Foundation

/// Whether two paths lead to the same file or folder.
func isSameFile(_ first: String, _ second: String) -> Bool {
  func real(_ path: String) -> String {
    URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path
  }
  return real(first) == real(second)
}
