/// Whether OpenBLAS multiplies with the best that the processor has.
struct KernelCheck: Check {
  /// How wide the vectors of a kernel are.
  private enum Width: Int, Comparable {
    case sse, avx, avx2, avx512

    static func < (left: Width, right: Width) -> Bool { left.rawValue < right.rawValue }

    var words: String { ["SSE", "AVX", "AVX2", "AVX-512"][rawValue] }
  }

  /// OpenBLAS's names of its kernels for x86-64.
  private static let kernels: [Width: [String]] = [
    .avx512: ["SkylakeX", "Cooperlake", "SapphireRapids"],
    .avx2: ["Haswell", "Zen", "Excavator"],
    .avx: ["Sandybridge", "Bulldozer", "Piledriver", "Steamroller"],
    .sse: [
      "Prescott", "Core2", "Penryn", "Dunnington", "Nehalem", "Katmai", "Coppermine", "Northwood", "Banias", "Atom",
      "Athlon", "Opteron", "Opteron_SSE3", "Barcelona", "Bobcat", "Nano", "Generic",
    ],
  ]

  func findings(in evidence: Evidence) -> [Finding] {
    evidence.told.flatMap { host, facts in
      let processor = facts.processor
      let version = processor.openBLAS.split(separator: " ").prefix(2).joined(separator: " ")
      let variables = processor.variables.sorted { $0.key < $1.key }.map { name, value in
        Finding(
          .warning, "BLAS", host: host.host.name, "\(name)=\(value) chooses OpenBLAS's kernels or their blocks by hand",
          advice: "unset \(name)")
      }
      return variables + [judge(processor, version, host.host.name)]
    }
  }

  private func judge(_ processor: ProcessorFacts, _ version: String, _ host: String) -> Finding {
    let kernel = processor.openBLASKernel
    let offered = offered(processor.features)
    let used = Self.kernels.first { $0.value.contains { $0.lowercased() == kernel.lowercased() } }?.key
    guard let used, used < offered else { return Finding(.ok, "BLAS", host: host, "\(version), kernels \(kernel)") }
    let advice = processor.variables.isEmpty ? "install a newer OpenBLAS" : "unset the variables above"
    return Finding(
      .warning, "BLAS", host: host,
      "\(version) uses its kernels \(kernel) (\(used.words)) though the processor has \(offered.words)", advice: advice)
  }

  private func offered(_ features: [String]) -> Width {
    func has(_ names: String...) -> Bool { names.allSatisfy(features.contains) }
    if has("avx512f", "avx512bw", "avx512dq", "avx512vl") { return .avx512 }
    if has("avx2", "fma") { return .avx2 }
    return has("avx") ? .avx : .sse
  }
}
