import ArgumentParser
import Console
import Lockstep

/// How the bytes of a table become fields, where its name does not say.
struct TableFormatOptions: ParsableArguments {
  @Option(help: "What a quote at the beginning of a field means: auto, none (a letter) or rfc4180.")
  var quotes = TableOptions.Quotes.auto

  @Option(help: "What the table is written in: utf-8, latin-1, windows-1252, gbk …")
  var encoding = TextEncoding.utf8

  @Flag(help: "The first line of a .tsv or .csv is a row: columns are named by number from 0.")
  var noHeader = false

  var options: TableOptions { TableOptions(quotes: quotes, encoding: encoding, hasHeader: !noHeader) }

  /// A line on standard error about how rows were read.
  static func remark(_ note: String) {
    StandardError.print("lockstep: note: \(note)")
  }
}

extension TableOptions.Quotes: ExpressibleByArgument {}
extension TextEncoding: ExpressibleByArgument {}
