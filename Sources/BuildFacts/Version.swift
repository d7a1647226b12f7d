/// What the program was built from.
public enum Version {
  /// Major, minor and patch number.
  public static let number = "0.2.0"
  /// The first twelve digits of the commit, with a plus sign where files differed from it; `unknown` without git.
  public static let commit = Commit.built
  /// Both, as people read them.
  public static let text = "\(number), commit \(commit)"
}
