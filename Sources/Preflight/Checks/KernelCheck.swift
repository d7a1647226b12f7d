import Tensors

/// Whether OpenBLAS multiplies with the best that the processor has.
struct KernelCheck: Check {
  func findings(in evidence: Evidence) -> [Finding] {
    evidence.answered.flatMap { host, facts in
      let processor = facts.processor
      let variables = processor.variables.sorted { $0.key < $1.key }.map { name, value in
        Finding(
          .warning, "BLAS", host: host.host.name, "\(name)=\(value) chooses OpenBLAS's kernels or their blocks by hand",
          advice: "unset \(name)")
      }
      return variables + [judge(processor, host.host.name)]
    }
  }

  private func judge(_ processor: ProcessorFacts, _ host: String) -> Finding {
    let kernel = processor.openBLASKernel
    guard !kernel.isEmpty else {
      return Finding(
        .error, "BLAS", host: host, "OpenBLAS cannot be loaded (\(processor.openBLAS))",
        advice: "install libopenblas0-pthread, or OpenBLAS as your system calls it")
    }
    let version = processor.openBLAS.split(separator: " ").prefix(2).joined(separator: " ")
    let offered = KernelChoice.width(of: processor.features)
    guard let used = KernelChoice.width(of: kernel), used < offered else {
      let chosen =
        processor.openBLASChooser == "program" ? ", chosen by this program since OpenBLAS's own were worse" : ""
      return Finding(.ok, "BLAS", host: host, "\(version), kernels \(kernel)\(chosen)")
    }
    let advice = processor.variables.isEmpty ? "install a newer OpenBLAS" : "unset the variables above"
    return Finding(
      .warning, "BLAS", host: host,
      "\(version) uses its kernels \(kernel) (\(used.words)) though the processor has \(offered.words)", advice: advice)
  }
}
