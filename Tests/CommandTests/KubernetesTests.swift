import Foundation
import Testing
import Yams

@Suite("The Kubernetes manifest")
struct KubernetesTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
  private static let cluster = folder.deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "cluster/kubernetes")

  private func schema() throws -> ResourceSchema {
    try ResourceSchema(
      gzipped: Self.folder.appending(path: "Vectors/kubeflow.org_mpijobs.yaml.gz").path, version: "v2beta1")
  }

  private func manifest() throws -> String {
    try String(contentsOf: Self.cluster.appending(path: "mpijob.yaml"), encoding: .utf8)
  }

  private func problems(_ text: String) throws -> [String] {
    let manifest = try #require(try Yams.load(yaml: text) as? [String: Any])
    return try schema().problems(in: manifest)
  }

  @Test("is an MPIJob as its published definition has it")
  func valid() throws { #expect(try problems(manifest()) == []) }

  @Test(
    "would be refused with a key misspelt, a value of another type, or a part missing",
    arguments: [
      ("slotsPerWorker: 1", "slotsPerWorkers: 1", ".spec.slotsPerWorkers: unknown"),
      ("replicas: 4", "replicas: four", ".spec.mpiReplicaSpecs.Worker.replicas: no integer"),
      ("image: lockstep:0.1.0\n              command: [worker]", "command: worker", ".command: no list"),
      ("- name: worker\n", "- tty: false\n", ".name: missing"),
    ])
  func invalid(old: String, new: String, problem: String) throws {
    let text = try manifest()
    try #require(text.contains(old), "the manifest does not hold \(old)")
    let found = try problems(text.replacingOccurrences(of: old, with: new))
    #expect(found.contains { $0.hasSuffix(problem) }, "\(found)")
  }

  @Test("asks for as many ranks as there are slots, runs what the image holds, and never as root")
  func consistent() throws {
    let manifest = try #require(try Yams.load(yaml: manifest()) as? [String: Any])
    let spec = try #require(manifest["spec"] as? [String: Any])
    let roles = try #require(spec["mpiReplicaSpecs"] as? [String: [String: Any]])
    func pod(_ role: String) throws -> [String: Any] {
      let template = try #require(roles[role]?["template"] as? [String: Any])
      return try #require(template["spec"] as? [String: Any])
    }
    func command(_ role: String) throws -> [String] {
      let containers = try #require(try pod(role)["containers"] as? [[String: Any]])
      return try #require(containers[0]["command"] as? [String])
    }
    let workers = try #require(roles["Worker"]?["replicas"] as? Int)
    let slots = try #require(spec["slotsPerWorker"] as? Int)
    let launcher = try command("Launcher")
    let ranks = try #require(launcher.firstIndex(of: "-n"))
    #expect(launcher[ranks + 1] == "\(workers * slots)")
    let image = try String(contentsOf: Self.cluster.appending(path: "Dockerfile"), encoding: .utf8)
    for program in [launcher[0], try command("Worker")[0]] {
      #expect(image.contains("cluster/kubernetes/\(program)"), "\(program) is not in the image")
    }
    for role in roles.keys {
      #expect((try pod(role)["securityContext"] as? [String: Any])?["runAsNonRoot"] as? Bool == true, "\(role)")
    }
  }

  @Test(
    "belongs to an image that installs every library of the program; one that is missing is named",
    .enabled(if: Shell.has("ldd", "readelf", "dpkg"), "it takes Debian's dpkg, and binutils"))
  func libraries() throws {
    let whole = try Shell.run(Self.cluster.path + "/check", [Command.program])
    #expect(whole.status == 0 && whole.output.contains("libdnnl.so.2: libdnnl2"), "\(whole)")
    let folder = try TemporaryFolder()
    let image = try String(contentsOf: Self.cluster.appending(path: "Dockerfile"), encoding: .utf8)
    for package in ["libpmix2 ", "libopenblas0-pthread "] {
      #expect(image.contains(package), "the program loads what is in \(package)while it runs")
    }
    try folder.write(image.replacingOccurrences(of: "libdnnl2 ", with: ""), to: "Dockerfile")
    try FileManager.default.copyItem(atPath: Self.cluster.path + "/check", toPath: folder.path + "/check")
    let lacking = try Shell.run(folder.path + "/check", [Command.program])
    #expect(
      lacking.status == 1 && lacking.error == "libdnnl.so.2: of libdnnl2, which the image does not install\n",
      "\(lacking)")
  }
}
