'use strict';

// Curves of the validation rows.

// Metrics that are read together share a chart: its title, and the names of its metrics.
const metricGroups = [
  ['Accuracy', /^((balanced_|subset_|token_)?accuracy|top_\d+_accuracy|exact_match|jaccard.*)$/],
  ['F1, precision and recall', /^(?:f1|precision|recall)(_macro|_micro|_weighted|_samples)?(_strict)?$/],
  ['Correlation', /^(pearson|spearman|kendall|r2)/],
  ['Error', /^(rmse|mae|mcrmse)/],
  ['Agreement', /^(matthews|.*kappa)$/],
  ['Ranking', /^(roc_auc|average_precision|lrap|mrr|recall_at_\d+)/],
  ['Brier score and calibration error', /^(brier.*|ece)$/],
];

function groupOf(metric) {
  for (const [title, pattern] of metricGroups) {
    const found = pattern.exec(metric);
    if (!found) continue;
    const more = title.startsWith('F1') ? found.slice(1).filter((part) => part).join('').replaceAll('_', ' ').trim() : '';
    return more ? `${title} (${more})` : title;
  }
  return numbers.title(metric);
}

// The scores in groups, in the order in which they come: [{title, scores}]; without the loss, which has its own chart.
function groupedScores(scores) {
  const groups = new Map();
  for (const score of scores.filter(({ metric }) => metric !== 'loss')) {
    const title = groupOf(score.metric);
    if (!groups.has(title)) groups.set(title, []);
    groups.get(title).push(score);
  }
  return [...groups].map(([title, members]) => ({ title, scores: members }));
}

// A title that names the one metric, or the class that all are of.
function groupTitle({ title, scores }) {
  const metrics = [...new Set(scores.map(({ metric }) => metric))];
  const positive = scores.find((score) => score.positive)?.positive;
  if (metrics.length === 1) return numbers.metric(numbers.title(metrics[0]), positive);
  return numbers.metric(title, positive);
}

// The lines of a group: a colour for each metric, dashes for averages of the weights.
function groupSeries({ scores }) {
  const metrics = [...new Set(scores.map(({ metric }) => metric))];
  const weights = [...new Set(scores.map((score) => score.weights))];
  return scores.map((score) => {
    const metric = metrics.length > 1 ? numbers.words(score.metric) : '';
    const average = weights.length > 1 || score.weights !== 'raw' || !metric ? weightWords(score.weights) : '';
    return {
      name: [metric, average].filter((part) => part).join(', '), isSmooth: false, hasDots: true,
      color: metrics.length > 1 ? metrics.indexOf(score.metric) % 8 : (weights.indexOf(score.weights) + 1) % 8,
      isDashed: metrics.length > 1 && score.weights !== 'raw', points: scorePoints(score.points),
    };
  });
}

function weightWords(weights) { return weights === 'raw' ? 'trained weights' : weights.toUpperCase(); }

// The loss of the training rows, and of the validation rows with each kind of weights.
function lossSeries(points, scores) {
  const losses = scores.filter(({ metric }) => metric === 'loss');
  return [{ name: 'training', color: 0, points, isSmooth: true },
    ...losses.map((score, index) => ({
      name: losses.length > 1 ? `validation, ${weightWords(score.weights)}` : 'validation',
      color: 1 + (index % 7), points: scorePoints(score.points), isSmooth: false, hasDots: true,
    }))];
}

function bestWords(best) {
  if (!best) return '';
  return `best ${numbers.metric(numbers.words(best.metric), best.positive)} ${numbers.figure(best.value)}`;
}

// What stands in the chart of the loss: the best step, checkpoints, restarts, failures; and the beginnings of epochs.
function marksOf(run) {
  const marks = (run.events || []).filter((event) => event.step && ['checkpoint', 'resumed', 'failed'].includes(event.kind))
    .map((event) => ({ x: event.step, kind: event.kind, words: `${event.kind} at step ${numbers.count(event.step)}` }));
  const best = run.status.best;
  if (best?.step) marks.push({ x: best.step, kind: 'best', words: bestWords(best) });
  const epochs = run.status.epoch_starts.map(([number, x]) => ({ x, number }));
  return { marks, epochs };
}

// The F1 of each class in the latest evaluation, the lowest first.
function showClasses(section, scores) {
  section.hidden = scores.length === 0;
  if (scores.length === 0) return;
  const weights = scores[scores.length - 1].weights;
  const rows = scores.filter((score) => score.weights === weights && score.points.length > 0)
    .map(({ metric, points }) => ({ metric, value: points[points.length - 1][1] })).sort((one, other) => one.value - other.value);
  const list = element('ul', 'bars', ...rows.map(({ metric, value }) => {
    const bar = element('span', 'bar-track', element('span', 'bar-fill'));
    bar.firstChild.style.width = `${100 * value}%`;
    return element('li', '', element('span', 'name', metric), bar, element('span', 'number', value.toFixed(3)));
  }));
  list.tabIndex = 0;
  list.setAttribute('aria-label', 'F1 of each class, the lowest first');
  const step = scores[scores.length - 1].points.at(-1)?.[0];
  section.replaceChildren(element('div', 'head', element('h3', '', 'F1 by class'),
    element('span', 'key', `${numbers.of(rows.length, 'class', 'classes')}, ${weightWords(weights)}, step ${numbers.count(step)}`)), list);
}

// Each evaluation as a row, the latest first.
function showEvaluations(section, scores, best) {
  section.hidden = scores.length === 0;
  if (scores.length === 0) return;
  const metrics = [...new Set(scores.map(({ metric }) => metric))];
  const rows = new Map();
  for (const { metric, weights, points } of scores) {
    for (const [step, value] of points) {
      const key = `${step} ${weights}`;
      if (!rows.has(key)) rows.set(key, { step, weights, values: {} });
      rows.get(key).values[metric] = value;
    }
  }
  const sorted = [...rows.values()].sort((one, other) => other.step - one.step).slice(0, 200);
  const head = element('tr', '', ...['step', 'weights', ...metrics.map((name) => numbers.words(name))].map((words) => {
    const cell = element('th', words === 'weights' ? '' : 'number', words);
    cell.scope = 'col';
    return cell;
  }));
  const body = sorted.map(({ step, weights, values }) => {
    const isBest = best && best.step === step && best.weights === weights;
    const cells = metrics.map((name) => element('td', 'number', numbers.figure(values[name])));
    const first = element('th', 'number', isBest ? '★ ' : '', numbers.count(step));
    first.scope = 'row';
    if (isBest) first.setAttribute('aria-label', `step ${step}, the best`);
    return element('tr', isBest ? 'best' : '', first, element('td', '', weightWords(weights)), ...cells);
  });
  const box = section.querySelector('.scroll') || element('div', 'scroll tall');
  box.tabIndex = 0;
  box.setAttribute('role', 'region');
  box.setAttribute('aria-label', 'Table of evaluations');
  box.replaceChildren(element('table', 'wide-table', element('thead', '', head), element('tbody', '', ...body)));
  if (!box.parentNode) section.replaceChildren(element('div', 'head', element('h2', '', 'Evaluations')), box);
}
