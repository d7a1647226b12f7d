import Testing

@Suite("A wrong command line")
struct CommandLineTests {
  /// What is typed after `lockstep`, and what the answer must hold.
  static let mistakes: [(words: [String], answer: String)] = [
    (["trian", "r.yaml"], "unknown command \"trian\"; did you mean lockstep train?"),
    (["predcit"], "did you mean lockstep predict?"),
    (["eval", "m", "d.tsv"], "did you mean lockstep evaluate?"),
    (["verify", "out"], "write lockstep checkpoint verify"),
    (["export", "out"], "write lockstep checkpoint export"),
    (["frobnicate"], "give one of train, launch, evaluate"),
    (["help", "trian"], "did you mean lockstep train?"),
    (["checkpoint", "lst", "out"], "did you mean lockstep checkpoint list?"),
    (["r.yaml"], "r.yaml is a recipe, not a command; write lockstep train r.yaml"),
    (["r.yaml", "--output", "out"], "write lockstep train r.yaml --output out"),
    (["--output", "out", "train", "r.yaml"], "unknown option --output; write lockstep COMMAND first"),
    (["train"], "lockstep: train needs <recipe>; write such as: lockstep train recipe.yaml"),
    (["train", "--output", "out"], "lockstep: train needs <recipe>"),
    (
      ["evaluate", "model"],
      "lockstep: evaluate needs <data>; write such as: lockstep evaluate output/models/best dev.tsv"
    ),
    (["train", "r.yaml", "s.yaml"], "lockstep: train does not take the word s.yaml"),
    (["train", "r.yaml", "epochs=1"], "write --set epochs=1"),
    (["train", "r.yaml", "--epochs", "1"], "epochs is a key of the recipe, so write --set epochs=1"),
    (["train", "r.yaml", "--epochs=1"], "write --set epochs=1"),
    (["train", "r.yaml", "--epochs"], "write --set epochs=VALUE"),
    (["train", "r.yaml", "--batch-size", "16"], "write --set batch.size=16"),
    (["train", "r.yaml", "--batch.size", "16"], "write --set batch.size=16"),
    (["train", "r.yaml", "--learning-rate", "2e-5"], "write --set optimizer.learning_rate=2e-5"),
    (["train", "r.yaml", "--learning_rate", "2e-5"], "write --set optimizer.learning_rate=2e-5"),
    (["train", "r.yaml", "--lr=2e-5"], "write --set optimizer.learning_rate=2e-5"),
    (["train", "r.yaml", "--optimizer.lr", "3"], "write --set optimizer.learning_rate=3"),
    (["train", "r.yaml", "--weight-decay", "0.1"], "write --set optimizer.weight_decay=0.1"),
    (["train", "r.yaml", "--maximum-length", "64"], "write --set data.maximum_length=64"),
    (["train", "r.yaml", "--max-seq-length", "64"], "write --set data.maximum_length=64"),
    (["train", "r.yaml", "--bf16"], "write --set precision=bf16"),
    (["train", "r.yaml", "--seed", "1"], "write --set seed=1"),
    (["recipe", "check", "r.yaml", "--epochs", "1"], "write --set epochs=1"),
    (["train", "r.yaml", "--output-dir", "out"], "did you mean --output?"),
    (["train", "r.yaml", "--outptu", "out"], "did you mean --output?"),
    (["train", "r.yaml", "--resume-from", "out"], "did you mean --resume?"),
    (["train", "r.yaml", "--frobnicate"], "lockstep: train has no option --frobnicate; lockstep train --help lists"),
    (["train", "r.yaml", "--output"], "--output has no value; write --output OUTPUT"),
    (["train", "r.yaml", "--set"], "--set has no value; write --set KEY.PATH=VALUE"),
    (["replay", "out", "--step", "-1"], "--step -1 is below 0; give a number from 0 on"),
    (["launch", "--ranks", "-2", "--", "train", "r.yaml"], "--ranks -2 is below 0"),
    (["predict", "m", "--input", ""], "--input is empty: name the file of the rows"),
    (["predict", "m", "--text", "x", "--output", ""], "--output is empty: name the file to write"),
    (["predict", "m", "--text", "x", "--output", "/nowhere/x.csv"], "the folder /nowhere does not exist"),
    (["predict", "m", "--text", "x", "--output", "/etc/passwd/x.csv"], "/etc/passwd is a file, not a folder"),
    (
      ["predict", "m", "--text", "x", "--output", String(repeating: "a", count: 256) + ".csv"],
      "--output has a name of 260 bytes: give one of 255 or fewer"
    ),
    (["train", "r.yaml", "--trace=yes"], "--trace takes no value"),
    (["train", "r.yaml", "--folds", "many"], "--folds many is not a number"),
    (["train", "r.yaml", "--folds", "1.5"], "--folds 1.5 is not a whole number"),
    (["train", "r.yaml", "--progress", "loud"], "--progress loud is not one of auto, bar, lines"),
    (["dashboard", "out", "--port", "80800"], "--port 80800 is out of range"),
    (
      ["simulate", "--recipe", "r.yaml", "--bandwidth", "fast"], "--bandwidth: fast is not a rate; give such as 10Gbit"
    ),
    (["simulate"], "lockstep: simulate needs --recipe"),
    (["launch", "--ranks", "2", "train", "r.yaml"], "write lockstep launch --ranks 2 -- train r.yaml"),
    (["launch", "--ranks", "2", "r.yaml"], "write lockstep launch --ranks 2 -- train r.yaml"),
    (["launch", "--ranks", "2"], "lockstep: launch needs the command of its ranks at the end"),
    (["launch", "--", "train", "r.yaml"], "lockstep: launch needs --ranks"),
    (["launch", "--ranks", "2", "--epochs", "1", "--", "train", "r.yaml"], "-- train RECIPE --set epochs=1"),
    (["launch", "--ranks", "2", "--output", "out", "--", "train", "r.yaml"], "-- train RECIPE --output out"),
    (["launch", "--ranks", "2", "--", "trian", "r.yaml"], "after --: unknown command \"trian\""),
    (
      ["launch", "--ranks", "2", "--", "train", "r.yaml", "--epochs", "1"],
      "after --: train has no option --epochs"
    ),
    (["launch", "--ranks", "2", "--", "evaluate", "m", "d.tsv"], "evaluate cannot be launched"),
    (["predict", "model"], "give a --text, or rows with --input FILE"),
  ]

  @Test("is answered by what to write instead, on one line, with status 64", arguments: mistakes)
  func mistake(words: [String], answer: String) throws {
    let outcome = try Shell.run(Command.program, words)
    #expect(outcome.status == 64, "\(words): \(outcome)")
    #expect(outcome.output == "", "\(words): \(outcome)")
    #expect(
      outcome.error.hasPrefix("lockstep: ") && outcome.error.split(separator: "\n").count == 1, "\(outcome.error)")
    #expect(outcome.error.contains(answer), "\(words): \(outcome.error)")
  }

  @Test(
    "is found where a file or folder does not exist, with status 2",
    arguments: [
      (["train", "nowhere.yaml"], "nowhere.yaml: "), (["recipe", "check", "nowhere.yaml"], "nowhere.yaml: "),
      (["evaluate", "nowhere", "rows.tsv"], "nowhere"), (["predict", "nowhere", "--text", "fine"], "nowhere"),
      (["audit", "nowhere"], "nowhere"), (["replay", "nowhere"], "nowhere"),
      (["checkpoint", "list", "nowhere"], "nowhere"),
      (["report", "nowhere"], "nowhere"), (["dashboard", "nowhere"], "nowhere"), (["verdict", "nowhere"], "nowhere"),
      (["trace", "summary", "nowhere"], "nowhere"),
      (["ensemble", "nowhere.jsonl", "--output", "both.jsonl"], "nowhere.jsonl"),
      (["simulate", "--recipe", "nowhere.yaml"], "nowhere.yaml: "),
    ])
  func missing(words: [String], path: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try Shell.run(Command.program, words, directory: folder.path)
    #expect(outcome.status == 2, "\(words): \(outcome)")
    #expect(outcome.error.split(separator: "\n").count == 1 && outcome.error.contains(path), "\(words): \(outcome)")
    #expect(outcome.error.contains("; "), "\(words): says no remedy: \(outcome.error)")
  }
}
