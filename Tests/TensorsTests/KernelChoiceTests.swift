import Foundation
import Tensors
import Testing

@Suite("The choice of OpenBLAS's kernels")
struct KernelChoiceTests {
  private static let avx2 = ["sse4_2", "avx", "avx2", "fma", "f16c"]
  private static let avx512 = avx2 + ["avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni"]
  private static let brain16 = avx512 + ["avx512_bf16"]

  @Test(
    "follows the processor's features where OpenBLAS is older than the processor, and its own choice otherwise",
    arguments: [
      ("Emerald Rapids, 0.3.21", "Prescott", "GenuineIntel", brain16 + ["amx_bf16"], "Cooperlake"),
      ("Granite Rapids, 0.3.21", "Prescott", "GenuineIntel", brain16 + ["amx_bf16", "avx512_fp16"], "Cooperlake"),
      ("Zen 4, before 0.3.21", "Zen", "AuthenticAMD", brain16, "Cooperlake"),
      ("Zen 5, 0.3.21", "Prescott", "AuthenticAMD", brain16, "Cooperlake"),
      ("an AVX-512 server without BF16", "Nehalem", "GenuineIntel", avx512, "SkylakeX"),
      ("Meteor Lake, 0.3.21", "Prescott", "GenuineIntel", avx2, "Haswell"),
      ("an AMD processor that is not known", "Barcelona", "AuthenticAMD", avx2, "Zen"),
      ("a Hygon processor that is not known", "Generic", "HygonGenuine", avx2, "Zen"),
      ("an old processor with AVX", "Core2", "GenuineIntel", ["avx"], "Sandybridge"),
      ("Zen 4, 0.3.21", "Cooperlake", "AuthenticAMD", brain16, nil),
      ("Sapphire Rapids, 0.3.21", "Cooperlake", "GenuineIntel", brain16 + ["amx_bf16"], nil),
      ("Sapphire Rapids, 0.3.26", "SapphireRapids", "GenuineIntel", brain16 + ["amx_bf16"], nil),
      ("Cascade Lake", "SkylakeX", "GenuineIntel", avx512, nil), ("Zen 3", "Zen", "AuthenticAMD", avx2, nil),
      ("Haswell", "Haswell", "GenuineIntel", avx2, nil), ("Ivy Bridge", "Sandybridge", "GenuineIntel", ["avx"], nil),
      ("a guest to whom AVX is hidden", "Prescott", "GenuineIntel", ["sse4_2"], nil),
      ("kernels of a later version", "DiamondRapids", "GenuineIntel", brain16, nil),
      ("another architecture", "neoversen1", "", [], nil),
      ("spelt in capitals", "SKYLAKEX", "GenuineIntel", avx512, nil),
    ] as [(String, String, String, [String], String?)])
  func table(processor: String, taken: String, vendor: String, features: [String], wanted: String?) {
    #expect(KernelChoice.better(than: taken, vendor: vendor, features: features) == wanted, "\(processor)")
  }

  @Test("reads vendor, name and features of the first processor")
  func processor() {
    let identity = ProcessorIdentity(
      information: "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: INTEL(R) XEON(R) PLATINUM 8581C\n"
        + "flags\t\t: fpu avx avx2\n\nprocessor\t: 1\nvendor_id\t: Other\nflags\t\t: fpu\n")
    #expect(identity.vendor == "GenuineIntel" && identity.name == "INTEL(R) XEON(R) PLATINUM 8581C")
    #expect(identity.features == ["fpu", "avx", "avx2"])
    #expect(ProcessorIdentity(information: "").features.isEmpty)
  }

  @Test("has the library loaded again where it took worse kernels by itself")
  func again() async {
    await #expect(processExitsWith: .success) {
      unsetenv("OPENBLAS_CORETYPE")
      let processor = ProcessorIdentity.here
      let better = KernelChoice.better(than: "Prescott", vendor: processor.vendor, features: processor.features)
      let found = NumericLibraries.openBLASKernel(whereItTakes: "Prescott")
      let expected = better.map { "\($0) by program" } ?? "Prescott by library"
      #expect(found.lowercased() == expected.lowercased())
      #expect(getenv("OPENBLAS_CORETYPE") == nil && getenv("OPENBLAS_NUM_THREADS") == nil)
    }
  }

  @Test("is the user's where OPENBLAS_CORETYPE is set, though it be a bad one")
  func users() async {
    await #expect(processExitsWith: .success) {
      setenv("OPENBLAS_CORETYPE", "Prescott", 1)
      #if arch(x86_64)
        #expect(NumericLibraries.openBLASKernel == "Prescott")
      #endif
      #expect(NumericLibraries.openBLASChooser == "user")
      #expect(String(cString: getenv("OPENBLAS_CORETYPE")) == "Prescott")
    }
  }

  @Test("gives OpenBLAS one thread, whatever the environment says: threads of its own give other bits")
  func oneThread() async {
    await #expect(processExitsWith: .success) {
      setenv("OPENBLAS_NUM_THREADS", "7", 1)
      #expect(!NumericLibraries.openBLASKernel.isEmpty)
      let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
      let handle =
        dlopen("libopenblas.so.0", RTLD_NOW | RTLD_NOLOAD) ?? dlopen("libopenblas.so", RTLD_NOW | RTLD_NOLOAD)
      let symbol = try #require(dlsym(handle, "openblas_get_num_threads"))
      #expect(unsafeBitCast(symbol, to: (@convention(c) () -> CInt).self)() == 1)
      #expect(threads < 16)
      #expect(String(cString: getenv("OPENBLAS_NUM_THREADS")) == "7")
    }
  }
}
