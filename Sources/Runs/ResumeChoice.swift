/// Where a run begins.
public enum ResumeChoice: Sendable, Equatable {
  /// The newest valid checkpoint of the output folder, or the beginning.
  case auto
  case never
  /// The newest valid checkpoint of this folder, which must hold one.
  case from(String)

  var namesFolder: Bool { if case .from = self { true } else { false } }
}
