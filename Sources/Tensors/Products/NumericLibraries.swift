/// The libraries that multiply matrices, as they describe themselves: results have the same bits only with the same kernels.
package enum NumericLibraries {
  /// The kernels that OpenBLAS chose for this processor, such as `SkylakeX` or `Haswell`.
  package static var openBLASKernel: String { MatrixProduct.kernel }

  /// OpenBLAS's version and build options.
  package static var openBLASConfiguration: String { MatrixProduct.configuration }

  /// oneDNN's version and the instruction set it uses, such as `2.7.2 (avx512_core_amx)`.
  package static var oneDNNVersion: String { OneDNN.version }
}
