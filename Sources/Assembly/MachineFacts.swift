import BuildFacts
import Checkpoints
import Collectives
import Foundation
import Support
import Tensors

/// What the bits of a run depend on besides its recipe: the program, the processor and the libraries that multiply.
///
/// Runs with equal facts give equal bits; see the article Same bits.
public struct MachineFacts: Sendable, Equatable {
  /// The processor's name.
  public let processor: String
  /// Those of its features that arithmetic depends on, as /proc/cpuinfo spells them.
  public let features: [String]
  /// Which kernels OpenBLAS chose, such as `SkylakeX`.
  public let openBLASKernel: String
  /// Who chose them: `library`, `program` where OpenBLAS's own choice was worse than the processor, or `user`.
  public let openBLASChooser: String
  /// OpenBLAS's version and build options.
  public let openBLAS: String
  /// oneDNN's version, and the instruction set it uses.
  public let oneDNN: String

  /// The features that kernels are chosen by.
  private static let watchedFeatures: Set<String> = [
    "sse4_2", "f16c", "fma", "avx", "avx2", "avx_vnni", "avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni",
    "avx512_bf16", "avx512_fp16", "amx_tile", "amx_bf16",
  ]

  /// The facts of this process.
  public static let here = MachineFacts()

  /// The processor's name and features, found without loading a library.
  public static var processorLine: String {
    let name = ProcessorIdentity.here.name
    return ([name.isEmpty ? "unknown" : name + ":"] + featuresHere).joined(separator: " ")
  }

  private static var featuresHere: [String] {
    ProcessorIdentity.here.features.filter(watchedFeatures.contains).sorted()
  }

  private init() {
    processor = ProcessorIdentity.here.name
    features = Self.featuresHere
    openBLASKernel = NumericLibraries.openBLASKernel
    openBLASChooser = NumericLibraries.openBLASChooser
    openBLAS = NumericLibraries.openBLASConfiguration
    oneDNN = NumericLibraries.oneDNNVersion
  }

  /// What must be the same on all ranks for the bits not to depend on who computes what.
  public var arithmetic: String {
    "\(features.joined(separator: " ")); OpenBLAS kernel \(openBLASKernel); oneDNN \(oneDNN)"
  }

  /// The facts in `summary.json`, with the SHA-256 of the program's file.
  public var json: JSONLine {
    let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let program = path.flatMap { try? sha256(ofFile: $0) } ?? ""
    return .object([
      ("version", .string(Version.number)), ("commit", .string(Version.commit)),
      ("program_sha256", .string(program)), ("processor", .string(processor)),
      ("features", .array(features.map(JSONLine.string))), ("vectors", .string("\(VectorUnits.here)")),
      ("openblas_kernel", .string(openBLASKernel)),
      ("openblas_kernel_chosen_by", .string(openBLASChooser)),
      ("openblas", .string(openBLAS)), ("onednn", .string(oneDNN)),
    ])
  }

  /// What to say where ranks differ in what bits depend on; all ranks together.
  public static func difference(in group: any Group) throws -> String? {
    let everyone = try group.allGather(Array(here.arithmetic.utf8), name: "machine facts", step: 0)
    guard let other = everyone.firstIndex(where: { $0 != everyone[0] }) else { return nil }
    let (first, second) = (String(decoding: everyone[0], as: UTF8.self), everyone[other])
    return "the bits depend on who computes what: rank \(other) has \(String(decoding: second, as: UTF8.self)), and"
      + " rank 0 \(first);"
      + " start the ranks on processors of one kind for the same bits"
  }
}
