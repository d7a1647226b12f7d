import Testing

/// The readers of the structure, on files that exist in memory alone.
@Suite("Planted faults of structure")
struct PlantedFaultTests {
  private func circles(_ files: [(String, String)]) -> [String] {
    FileGraph(files.map { SwiftFile(path: $0.0, text: $0.1) }).circles
  }

  @Test("A circle of two files is found, and named arrow by arrow")
  func two() {
    let found = circles([
      ("A.swift", "public struct A { var b: B }"), ("B.swift", "enum B {\n  static let first = A()\n}"),
      ("C.swift", "struct C { var a: A, b: B }"),
    ])
    #expect(found == ["A.swift refers to B of B.swift; B.swift refers to A of A.swift"])
  }

  @Test("Of several files in a circle the shortest way round is named")
  func several() {
    let found = circles([
      ("A.swift", "struct A { let b: B }"), ("B.swift", "struct B { let c: C }"),
      ("C.swift", "struct C { let d: D, b: B }"), ("D.swift", "struct D { let a: A }"),
    ])
    #expect(found == ["B.swift refers to C of C.swift; C.swift refers to B of B.swift"])
  }

  @Test("Circles that share no file are named apart")
  func apart() {
    let pair = [("A.swift", "struct A { let b: B }"), ("B.swift", "struct B { let a: [A] }")]
    let other = [("X.swift", "struct X { let y: Y }"), ("Y.swift", "extension X {}\nstruct Y {}")]
    #expect(circles(pair + other).count == 2)
  }

  @Test(
    "No reference is one in a comment, in a literal, behind a dot, or to a name that the file declares",
    arguments: [
      "// as A does", "/* A /* A */ A */", "let a = \"A\"", "let a = #\"\\(A.self)\"#", "let a = \"\"\"\n  A\n  \"\"\"",
      "let a = Other.A.self", "func b() {\n  struct A {}\n  _ = A()\n}", "func c() {\n  typealias A = Int\n}",
    ])
  func silent(text: String) {
    #expect(circles([("A.swift", "struct A { let b: B }"), ("B.swift", "struct B {}\n\(text)")]) == [])
  }

  @Test(
    "A reference is one in an interpolation, in an extension, and behind a literal",
    arguments: [
      "let a = \"b \\(A.self) c\"", "let a = \"\\(f(\"x\", (A.self)))\"", "extension A {}",
      "let a = \"// \"; let b = A()",
      "let a = #\"\\#(A.self)\"#", "let a = \"\"\"\n  \\(A.self)\n  \"\"\"", "let a = \"\\\"\" + A.name",
    ])
  func spoken(text: String) {
    #expect(circles([("A.swift", "struct A { let b: B }"), ("B.swift", "struct B {}\n\(text)")]).count == 1, "\(text)")
  }

  private static let manifest = Manifest(
    """
    let package = Package(
      products: [.library(name: "High", targets: ["High"])],
      targets: [
        // .target(name: "Gone"),
        .target(name: "CLow"),
        .target(name: "Low", dependencies: ["CLow", crypto]),
        .executableTarget(
          name: "Middle", dependencies: ["Low", "High"], resources: [.embedInCode("Page")]),
        .target(name: "High", dependencies: ["Low"]),
        .target(name: "Helpers", dependencies: ["High"], path: "Tests/Helpers"),
        .testTarget(name: "HighTests", dependencies: ["High"]),
      ]
    )
    """)

  @Test("A manifest's targets are read with their dependencies, without tests")
  func targets() {
    #expect(Self.manifest.targets.map(\.name) == ["CLow", "Low", "Middle", "High"])
    #expect(Self.manifest.targets.map(\.dependencies) == [[], ["CLow"], ["Low", "High"], ["Low"]])
    #expect(Self.manifest.targets.map(\.isLibraryInC) == [true, false, false, false])
  }

  @Test("An arrow upward, an undeclared import and an empty module are found")
  func arrows() {
    func file(_ path: String, _ text: String) -> SwiftFile { SwiftFile(path: path, text: text) }
    let wrong = Self.manifest.wrongImports(of: [
      "Low": [file("Low/A.swift", "import CLow\nimport Foundation\n@_exported import High")],
      "Middle": [file("Middle/B.swift", "import Low\nimport High\n// import CLow")],
    ])
    #expect(
      wrong == [
        "Low/A.swift imports High, which is not a dependency of Low",
        "Middle depends on High, which Package.swift does not declare above it",
        "High has no files",
      ])
  }

  @Test("A library in C that two files import, or none, is found")
  func importers() {
    let files = ["A", "B"].map { SwiftFile(path: "\($0).swift", text: "internal import CLow") }
    #expect(Self.manifest.sharedLibraries(of: ["Low": files]) == ["CLow": ["A.swift", "B.swift"]])
    #expect(Self.manifest.sharedLibraries(of: [:]) == ["CLow": []])
    #expect(Self.manifest.sharedLibraries(of: ["Low": [files[0]]]) == [:])
  }
}
