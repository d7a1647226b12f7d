import Support

/// A committed checkpoint whose manifest has been read and believed.
public struct Checkpoint: Equatable, Sendable {
  /// The path of its directory.
  public let path: String
  /// The SHA-256 of its manifest, by which ranks make sure that they mean the same one.
  public let digest: String

  let manifest: CheckpointManifest

  init(path: String, manifest: CheckpointManifest, digest: String) {
    self.path = path
    self.manifest = manifest
    self.digest = digest
  }

  /// The committed steps before it.
  public var step: Int { manifest.step }
  /// How good the model was; larger is better; nil when it was not evaluated.
  public var score: Double? { manifest.score }
  /// The name of its directory.
  public var name: String { lastPart(of: path) }
  /// The size of all its files but the manifest.
  public var bytes: Int { manifest.files.reduce(0) { $0 + $1.bytes } }
}

/// A directory that has a checkpoint's name but must not be loaded.
public struct RejectedCheckpoint: ClassifiedError, Equatable, Sendable {
  /// The name of the directory.
  public let name: String
  /// Why not, ending with what to do.
  public let why: String

  public var exitClass: ExitClass { .disk }
}

/// How much of a checkpoint is checked.
public enum VerificationLevel: Sendable {
  /// The manifest's digest, and that all files are there with their sizes.
  case sizes
  /// The digests of all files as well.
  case contents
}
