'use strict';

// The report: the curves of one or several runs, drawn from the data in the page.

const report = JSON.parse(document.getElementById('data').textContent);
const places = { steps: document.getElementById('curves'), scores: document.getElementById('scores') };
const end = Math.max(1, ...report.runs.map((run) => run.status.step));

function compare(place, title, options, series) {
  const drawn = series.filter((one) => one.points.length > 0);
  if (drawn.length === 0) return;
  const made = new Chart(title, options);
  place.append(made.card);
  made.show(drawn, end);
}

function name(run, weights) { return [report.runs.length > 1 ? run.name : '', weights].filter((part) => part).join(' '); }

const titles = { samples_per_second: 'Rows per second' };
const names = [...new Set(report.runs.flatMap((run) => run.curves.map((curve) => curve.name)))];
for (const curveName of names) {
  const series = report.runs.map((run, index) => ({
    name: run.name, color: index % 8, isSmooth: curveName !== 'learning_rate',
    points: pointsOf(run.curves.find((curve) => curve.name === curveName)?.points || [], run.width),
  }));
  const isTerm = curveName.startsWith('terms.');
  const options = { canBeLogarithmic: isTerm || ['loss', 'gradient_norm'].includes(curveName) };
  compare(places.steps, (isTerm ? 'Loss term: ' : '') + (titles[curveName] || numbers.title(curveName)), options, series);
}

const lines = report.runs.flatMap((run) => run.scores.map((score) => ({ run, ...score })));
const colors = new Map([...new Set(lines.map((line) => name(line.run, line.weights)))].map((key, index) => [key, index % 8]));
const title = ({ metric, positive }) => numbers.metric(metric, positive);
for (const metric of new Set(lines.map(title))) {
  const series = lines.filter((line) => title(line) === metric).map(({ run, weights, points }) => ({
    name: name(run, weights), color: colors.get(name(run, weights)), isSmooth: false,
    points: points.map(([x, mean]) => ({ x, mean, least: mean, greatest: mean })),
  }));
  compare(places.scores, `Validation ${metric}`, {}, series);
}

for (const run of report.runs) {
  const ranks = element('section', 'card');
  const events = element('section', 'card');
  const heading = report.runs.length > 1 ? [element('h2', 'lead', run.name)] : [];
  document.getElementById('ranks').append(...heading, ranks, events);
  new RankPanel(ranks).show(run.ranks);
  showEvents(events, run.events, run.status);
}

chooseTheme(document.getElementById('theme'));
