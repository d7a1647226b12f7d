/// The files of the folder Assets, which the build puts into the program.
enum Assets {
  static let style = text(PackageResources.style_css)
  static let runBody = text(PackageResources.live_html)
  static let runsBody = text(PackageResources.runs_html)
  static let timeline = text(PackageResources.timeline_js)
  static let live = text(PackageResources.live_js)
  static let runs = text(PackageResources.runs_js)
  static let report = text(PackageResources.report_js)

  /// The scripts of every page, in the order in which they need each other.
  static let shared = [
    PackageResources.numbers_js, PackageResources.elements_js, PackageResources.view_js, PackageResources.drawing_js,
    PackageResources.charts_js, PackageResources.scores_js, PackageResources.panels_js,
  ].map(text)

  /// Three curves that become one, as an SVG in a data URL.
  static let icon =
    "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' fill='none' stroke='%232f6fde' stroke-width='1.6'"
    + " stroke-linecap='round'%3E%3Cpath d='M2 3c5 0 4 9 12 9M2 7c5 0 5 5 12 5M2 12h12'/%3E%3C/svg%3E"

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
