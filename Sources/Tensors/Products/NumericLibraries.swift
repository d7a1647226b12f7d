/// The libraries that multiply matrices, as they describe themselves: results have the same bits only with the same kernels.
package enum NumericLibraries {
  private static var openBLAS: OpenBLAS? { try? OpenBLAS.loaded.get() }

  /// The kernels that OpenBLAS uses on this processor, such as `SkylakeX` or `Haswell`; empty where it cannot be loaded.
  package static var openBLASKernel: String { openBLAS?.kernel ?? "" }

  /// Who chose them: `library`, `program` or `user`.
  package static var openBLASChooser: String { openBLAS?.chooser.rawValue ?? "" }

  /// OpenBLAS's version and build options, or why it cannot be loaded.
  package static var openBLASConfiguration: String {
    switch OpenBLAS.loaded {
    case .success(let library): library.configuration
    case .failure(let absence): absence.words
    }
  }

  /// oneDNN's version and the instruction set it uses, such as `2.7.2 (avx512_core_amx)`.
  package static var oneDNNVersion: String { OneDNN.version }

  /// Loads OpenBLAS anew, as if it had taken certain kernels by itself, and says which it has in the end and who chose them. For
  /// tests, in a process that has not loaded it.
  package static func openBLASKernel(whereItTakes kernel: String) -> String {
    (try? OpenBLAS(firstChoice: kernel)).map { "\($0.kernel) by \($0.chooser.rawValue)" } ?? "none"
  }
}
