import Collectives
import Recipes

/// Makes sure that ranks of several disks, which each read for themselves, read the same.
public enum RowAgreement {
  /// Compares the SHA-256 of every file that the recipe names; all ranks together.
  /// - Throws: `GroupError` naming the first rank and file that differ from rank 0's.
  public static func check(_ recipe: Recipe, over group: any Group) throws {
    let own = RecipeFiles(of: recipe).digests()
    let everyone = try group.allGather(Array(own.joined(separator: "\n").utf8), name: "files of the recipe", step: 0)
    guard let other = everyone.firstIndex(where: { $0 != everyone[0] }) else { return }
    let (first, second) = (lines(everyone[0]), lines(everyone[other]))
    let different = second.first { !first.contains($0) } ?? first.first { !second.contains($0) } ?? ""
    let path = different.split(separator: " ", maxSplits: 1).last.map(String.init) ?? "file"
    let name = path.split(separator: "/").last.map(String.init) ?? path
    throw GroupError.layout(
      reason: "rank \(other) on \(group.hosts[other]) reads another \(name) than rank 0 on \(group.hosts[0])",
      advice: "copy \(path) to every host, or let rank 0 hand it out with data.streamed: true")
  }

  private static func lines(_ bytes: [UInt8]) -> [String] {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
