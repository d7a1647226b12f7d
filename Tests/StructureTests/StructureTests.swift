import Testing

/// What depends on what, as the files themselves say it.
@Suite("Structure")
struct StructureTests {
  /// Modules whose files still refer to each other in circles; the list may only shrink.
  private static let withCircles: Set = ["Tensors"]

  /// Libraries in C that several files still import; the list may only shrink.
  private static let withSeveralImporters: Set = ["CKernels", "COneDNN", "CSystem"]

  @Test("A module imports what Package.swift declares for it, and that stands above it")
  func imports() {
    #expect(Checkout.manifest.targets.count > 30)
    for problem in Checkout.manifest.wrongImports(of: Checkout.files) { Issue.record("\(problem)") }
  }

  @Test("The files of a module refer to each other without a circle", arguments: Checkout.files.keys.sorted())
  func circles(module: String) {
    let circles = FileGraph(Checkout.files[module] ?? []).circles
    guard Self.withCircles.contains(module) else {
      for circle in circles { Issue.record("\(circle)") }
      return
    }
    #expect(!circles.isEmpty, "\(module) has no circle any more; remove it from withCircles")
  }

  @Test("A library in C is imported by one Swift file")
  func librariesInC() {
    let shared = Checkout.manifest.sharedLibraries(of: Checkout.files)
    for (library, files) in shared.sorted(by: { $0.key < $1.key }) where !Self.withSeveralImporters.contains(library) {
      Issue.record("\(library) is imported by \(files.isEmpty ? "no file" : files.joined(separator: ", "))")
    }
    for library in Self.withSeveralImporters.sorted() {
      #expect(shared[library] != nil, "\(library) is imported by one file; remove it from withSeveralImporters")
    }
  }
}
