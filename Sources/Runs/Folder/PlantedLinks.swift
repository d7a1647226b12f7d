import Foundation

extension RunDirectory {
  /// Refuses a folder in which somebody else could lead what the run writes to another place.
  /// - Throws: `RunDirectoryError` where the folder belongs to another user and lies in a folder that everybody may write to, or
  ///   where a symbolic link stands for one of the folders that the run writes into.
  func refusePlantedLinks() throws {
    try refuseForeignOwner()
    let models = (try? FileManager.default.contentsOfDirectory(atPath: self.models)) ?? []
    for place in [checkpoints, self.models, verdicts, traceParts] + models.map(model) {
      guard Self.status(of: place).map({ $0.st_mode & S_IFMT == S_IFLNK }) == true else { continue }
      throw RunDirectoryError(
        path: place, problem: "is a symbolic link, which is not followed; remove it, or give another --output")
    }
  }

  private func refuseForeignOwner() throws {
    let parent = URL(filePath: path).standardizedFileURL.deletingLastPathComponent().path
    guard let own = Self.status(of: path), let above = Self.status(of: parent), own.st_uid != geteuid(),
      own.st_uid != 0,
      above.st_mode & S_ISVTX != 0, above.st_mode & S_IWOTH != 0
    else { return }
    throw RunDirectoryError(
      path: path,
      problem: "belongs to another user (\(own.st_uid)) in a folder that everybody may write to; give another --output")
  }

  /// Of the path itself, not of what a link leads to.
  private static func status(of path: String) -> stat? {
    var status = stat()
    return lstat(path, &status) == 0 ? status : nil
  }
}
