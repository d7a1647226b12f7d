/// Files that Git LFS left in the place of others: 130 bytes that say where the content is.
package enum GitLFS {
  private static let beginning = Array("version https://git-lfs.github.com/spec/".utf8)
  /// Pointers are smaller than this.
  private static let largest = 1024

  /// Whether the content of a file is a pointer to what it should hold.
  package static func isPointer(_ content: some Collection<UInt8>) -> Bool {
    content.count < largest && content.starts(with: beginning)
  }

  package static let problem = "is a Git LFS pointer, not the file itself"
  package static let remedy = "run git lfs pull in its folder, or download the file"
}
