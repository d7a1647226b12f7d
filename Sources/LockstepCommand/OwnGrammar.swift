import ArgumentParser
import Foundation

extension LockstepCommand {
  /// What it takes; nil where the parser describes itself in a form that is not known here.
  static var grammar: CommandGrammar.Node? {
    do {
      _ = try parseAsRoot(["--experimental-dump-help"])
      return nil
    } catch {
      let text = message(for: error)
      return (try? JSONDecoder().decode(CommandGrammar.self, from: Data(text.utf8)))?.command
    }
  }
}
