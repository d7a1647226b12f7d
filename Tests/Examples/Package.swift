// swift-tools-version: 6.1
import PackageDescription

// The examples as a package of its own, as a user of the library writes one:
//
//     swift run --package-path Tests/Examples examples layer
//
// The library's own package builds the same sources, without access to what it keeps to itself, so that they stay right.
let package = Package(
  name: "examples",
  dependencies: [.package(name: "lockstep", path: "../..")],
  targets: [
    .executableTarget(
      name: "examples", dependencies: [.product(name: "Lockstep", package: "lockstep")], path: "Sources")
  ],
  swiftLanguageModes: [.v6]
)
