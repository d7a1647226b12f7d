/// OpenBLAS's kernels for x86-64, and which of them a processor is made for.
///
/// OpenBLAS knows processors by their model numbers. A version that is older than the processor takes its oldest kernels, a
/// seventh of the speed, though the processor has what the newer ones need. So the choice is checked by features.
package enum KernelChoice {
  /// How wide the vectors of a kernel are.
  package enum Width: Int, Comparable, Sendable {
    case sse, avx, avx2, avx512

    package static func < (left: Width, right: Width) -> Bool { left.rawValue < right.rawValue }

    package var words: String { ["SSE", "AVX", "AVX2", "AVX-512"][rawValue] }
  }

  /// OpenBLAS's names of its kernels.
  private static let names: [Width: [String]] = [
    .avx512: ["SkylakeX", "Cooperlake", "SapphireRapids"],
    .avx2: ["Haswell", "Zen", "Excavator"],
    .avx: ["Sandybridge", "Bulldozer", "Piledriver", "Steamroller"],
    .sse: [
      "Prescott", "Core2", "Penryn", "Dunnington", "Nehalem", "Katmai", "Coppermine", "Northwood", "Banias", "Atom",
      "Athlon", "Opteron", "Opteron_SSE3", "Barcelona", "Bobcat", "Nano", "Generic", "Unknown",
    ],
  ]

  /// The vectors of kernels that OpenBLAS calls so; nil for a name that is not known here.
  package static func width(of kernel: String) -> Width? {
    names.first { $0.value.contains { $0.lowercased() == kernel.lowercased() } }?.key
  }

  /// The widest vectors that kernels can use on a processor of these features, as /proc/cpuinfo spells them.
  package static func width(of features: some Collection<String>) -> Width {
    func has(_ names: String...) -> Bool { names.allSatisfy(features.contains) }
    if has("avx512f", "avx512bw", "avx512dq", "avx512vl", "avx2", "fma") { return .avx512 }
    if has("avx2", "fma") { return .avx2 }
    return has("avx") ? .avx : .sse
  }

  /// The name of the kernels to ask for in place of those that OpenBLAS took; nil where they use the processor's vectors.
  /// - Parameters:
  ///   - kernel: what OpenBLAS took.
  ///   - vendor: as /proc/cpuinfo spells it.
  package static func better(than kernel: String, vendor: String, features: some Collection<String>) -> String? {
    guard let taken = width(of: kernel), taken < width(of: features) else { return nil }
    let isAMD = ["AuthenticAMD", "HygonGenuine"].contains(vendor)
    switch width(of: features) {
    case .avx512: return features.contains("avx512_bf16") ? "Cooperlake" : "SkylakeX"
    case .avx2: return isAMD ? "Zen" : "Haswell"
    case .avx: return isAMD ? nil : "Sandybridge"
    case .sse: return nil
    }
  }
}
