import Foundation

/// The bytes of a folder's files.
enum FolderSize {
  /// More files than that are not counted.
  private static let mostFiles = 20_000

  static func bytes(of path: String) -> Int {
    let keys: [URLResourceKey] = [.isRegularFileKey, .fileSizeKey]
    guard let files = FileManager.default.enumerator(at: URL(filePath: path), includingPropertiesForKeys: keys) else {
      return 0
    }
    var (sum, count) = (0, 0)
    for case let file as URL in files {
      count += 1
      guard count <= mostFiles else { break }
      guard let values = try? file.resourceValues(forKeys: Set(keys)), values.isRegularFile == true else { continue }
      sum += values.fileSize ?? 0
    }
    return sum
  }
}
