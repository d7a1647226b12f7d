'use strict';

// The report: the curves of one or several runs, drawn from the data in the page.

const report = JSON.parse(document.getElementById('data').textContent);
const places = Object.fromEntries(['tools', 'curves', 'scores', 'evaluations', 'ranks'].map((id) => [id, document.getElementById(id)]));
const end = Math.max(1, ...report.runs.map((run) => run.status.step));
const areMany = report.runs.length > 1;
const drawnMarks = areMany ? {} : marksOf(report.runs[0]);

function compare(place, title, options, series, more = {}) {
  const drawn = series.filter((one) => one.points.length > 0);
  if (drawn.length === 0) return;
  const made = new Chart(title, options);
  if (title === 'Loss') made.card.classList.add('wide');
  place.append(made.card);
  made.show(drawn, end, more);
}

function curveOf(run, name) { return pointsOf(run.curves.find((curve) => curve.name === name)?.points || [], run.width); }

// The loss: training and validation of each run in one chart.
function drawLoss() {
  const series = report.runs.flatMap((run, index) => lossSeries(curveOf(run, 'loss'), run.scores).map((one, line) => (areMany
    ? { ...one, name: `${run.name}, ${one.name}`, color: index % 8, isDashed: line > 0 } : one)));
  compare(places.curves, 'Loss', { axis: 'loss', canBeLogarithmic: true }, series, drawnMarks);
}

function drawCurves() {
  const titles = { samples_per_second: 'Speed', learning_rate: 'Learning rate', gradient_norm: 'Gradient norm' };
  const axes = { samples_per_second: 'rows per second' };
  const names = [...new Set(report.runs.flatMap((run) => run.curves.map((curve) => curve.name)))].filter((name) => name !== 'loss');
  for (const curveName of names) {
    const isTerm = curveName.startsWith('terms.');
    const title = titles[curveName] || (isTerm ? 'Loss term: ' : '') + numbers.title(curveName);
    const series = report.runs.map((run, index) => ({
      name: areMany ? run.name : title.toLowerCase(), color: index % 8, isSmooth: curveName !== 'learning_rate', points: curveOf(run, curveName),
    }));
    const options = { axis: axes[curveName] || (isTerm ? 'loss' : title.toLowerCase()), canBeLogarithmic: isTerm || curveName === 'gradient_norm' };
    compare(places.curves, title, options, series);
  }
}

// One run has its metrics in groups; of several each metric has a chart, a colour for each run.
function drawScores() {
  if (!areMany) {
    for (const group of groupedScores(report.runs[0].scores)) {
      compare(places.scores, groupTitle(group), { axis: 'score' }, groupSeries(group), { epochs: drawnMarks.epochs });
    }
    if (report.runs[0].class_scores.length > 0) {
      const section = element('section', 'card');
      places.scores.append(section);
      showClasses(section, report.runs[0].class_scores);
    }
    return;
  }
  const lines = report.runs.flatMap((run, index) => run.scores.filter(({ metric }) => metric !== 'loss').map((score) => ({ run, index, ...score })));
  const title = ({ metric, positive }) => numbers.metric(numbers.title(metric), positive);
  for (const metric of new Set(lines.map(title))) {
    const series = lines.filter((line) => title(line) === metric).map(({ run, index, weights, points }) => ({
      name: weights === 'raw' ? run.name : `${run.name}, ${weightWords(weights)}`, color: index % 8, isDashed: weights !== 'raw',
      isSmooth: false, hasDots: true, points: scorePoints(points),
    }));
    compare(places.scores, metric, { axis: 'score' }, series);
  }
}

function drawRuns() {
  for (const run of report.runs) {
    const heading = areMany ? [element('h3', 'lead', run.name)] : [];
    const [evaluations, ranks, events] = Array.from({ length: 3 }, () => element('section', 'card'));
    if (!areMany) places.evaluations.append(evaluations);
    showEvaluations(evaluations, run.scores, run.status.best);
    places.ranks.append(...heading, ranks, events);
    new RankPanel(ranks).show(run.ranks);
    showEvents(events, run.events, run.status);
  }
}

places.tools.append(chartTools());
drawLoss();
drawCurves();
drawScores();
drawRuns();
chooseTheme(document.getElementById('theme'));
