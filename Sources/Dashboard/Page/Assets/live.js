'use strict';

// The live page of a run: takes the server's events and draws them.

const run = { generation: -1, width: 0, curves: new Map(), busy: [], scores: [], classScores: [], events: [], windows: [], facts: {} };
const page = {
  charts: new Map(),
  drawn: new Map(),
  ranks: new RankPanel(document.getElementById('ranks')),
  timeline: new RankTimeline(document.getElementById('timeline')),
  main: document.getElementById('main'),
  scores: document.getElementById('scores'),
  place: document.getElementById('charts'),
  classes: element('section', 'card'),
};

function merge(old, added, from) {
  const start = old.findIndex((point) => point.index >= from);
  if (start >= 0) old.length = start;
  for (const point of added) old.push(point);
  return old;
}

function take(news) {
  if (news.generation !== run.generation || news.width !== run.width) {
    run.curves.clear();
    run.busy = [];
    [run.generation, run.width] = [news.generation, news.width];
  }
  for (const { name, points } of news.curves) {
    run.curves.set(name, merge(run.curves.get(name) || [], pointsOf(points, news.width), news.from));
  }
  run.busy.length = Math.min(run.busy.length, news.ranks.busy.length);
  news.ranks.busy.forEach((points, rank) => {
    run.busy[rank] = merge(run.busy[rank] || [], pointsOf(points, news.width), news.from);
  });
  for (const name of ['scores', 'events', 'windows', 'facts', 'recipe']) if (news[name]) run[name] = news[name];
  if (news.class_scores) run.classScores = news.class_scores;
  Object.assign(run, { name: news.name, status: news.status, ranks: news.ranks });
}

function chart(name, title, options, place = page.place) {
  if (!page.charts.has(name)) {
    const made = new Chart(title, options);
    page.charts.set(name, made);
    place.append(made.card);
  }
  return page.charts.get(name);
}

// Draws a part where what it shows is another than before, so that nobody who reads it is disturbed.
function renew(name, value, body) {
  const text = JSON.stringify(value);
  if (page.drawn.get(name) === text) return;
  page.drawn.set(name, text);
  body();
}

function draw() {
  const { status } = run;
  drawHead(status);
  document.getElementById('tiles').replaceChildren(...tiles(status, run.ranks));
  chart('loss', 'Loss', { axis: 'loss', canBeLogarithmic: true, level: 'h2' }, page.main)
    .show(lossSeries(run.curves.get('loss') || [], run.scores), status.step, marksOf(run));
  drawScores(status);
  drawTraining(status);
  renew('facts', [run.facts, status.total_steps, status.ranks], () => showFacts(document.getElementById('facts'), run.facts, status));
  renew('evaluations', [run.scores, status.best], () => showEvaluations(document.getElementById('evaluations'), run.scores, status.best));
  page.ranks.show(run.ranks);
  renew('timeline', run.windows, () => page.timeline.show(run.windows));
  renew('events', [run.events, status.checkpoints, status.agreed_step, status.skipped, status.broken_step],
    () => showEvents(document.getElementById('events'), run.events, status));
  renew('recipe', [run.facts, run.recipe], () => showRecipe(document.getElementById('recipe'), run.facts, run.recipe));
}

function drawScores(status) {
  const epochs = marksOf(run).epochs;
  for (const group of groupedScores(run.scores)) {
    const title = groupTitle(group);
    const best = group.scores.some(({ metric }) => metric === status.best?.metric)
      ? marksOf(run).marks.filter(({ kind }) => kind === 'best') : [];
    const axis = new Set(group.scores.map(({ metric }) => metric)).size === 1 ? numbers.words(group.scores[0].metric) : 'score';
    chart(`score ${group.title}`, title, { axis }, page.scores).show(groupSeries(group), status.step, { marks: best, epochs });
  }
  if (run.classScores.length > 0 && !page.classes.parentNode) page.scores.append(page.classes);
  renew('classes', run.classScores, () => showClasses(page.classes, run.classScores));
}

const figureCharts = [
  ['learning_rate', 'Learning rate', {}], ['gradient_norm', 'Gradient norm', { canBeLogarithmic: true }],
  ['samples_per_second', 'Speed', { axis: 'rows per second' }],
];

function drawTraining(status) {
  for (const [name, title, options] of figureCharts) {
    const series = [{ name: numbers.words(name === 'samples_per_second' ? 'rows per second' : name), color: 0,
      points: run.curves.get(name) || [], isSmooth: name !== 'learning_rate' }];
    chart(name, title, { axis: title.toLowerCase(), ...options }).show(series, status.step);
  }
  const terms = [...run.curves.keys()].filter((name) => name.startsWith('terms.'));
  if (terms.length > 0) {
    const series = terms.map((name, index) =>
      ({ name: numbers.title(name), color: index % 8, points: run.curves.get(name), isSmooth: true }));
    chart('terms', 'Terms of the loss', { axis: 'loss', canBeLogarithmic: true }).show(series, status.step);
  }
  if (run.busy.length < 2) return;
  const series = run.busy.map((points, rank) => ({ name: `rank ${rank}`, color: rank % 8, points, isSmooth: false }));
  chart('busy', 'Own work of each rank', { axis: 'seconds a step', format: numbers.moment }).show(series, status.step);
}

function showState(kind, words) {
  const pill = document.getElementById('state');
  if (pill.textContent !== words) pill.textContent = words;
  pill.className = `pill ${kind}`;
}

function drawHead(status) {
  showState(status.state, stateText(status));
  document.getElementById('name').textContent = run.name;
  const total = status.total_steps;
  const share = total ? Math.min(1, status.step / total) : 0;
  document.title = `${total ? `${Math.floor(100 * share)} % ` : ''}${run.name} · Lockstep`;
  document.getElementById('bar').style.width = `${100 * share}%`;
  document.getElementById('track').setAttribute('aria-valuenow', String(Math.floor(100 * share)));
  const of = total ? ` of ${numbers.count(total)}` : '';
  document.getElementById('done').textContent = `step ${numbers.count(status.step)}${of}, epoch ${status.epoch}`;
  const spent = status.elapsed === null ? '' : `${numbers.seconds(status.elapsed)} spent`;
  const left = status.remaining === null ? '' : `${numbers.seconds(status.remaining)} left`;
  document.getElementById('left').textContent = [left, spent].filter((part) => part).join(', ');
  const failure = document.getElementById('failure');
  failure.hidden = status.failure === null;
  if (failure.textContent !== (status.failure || '')) failure.textContent = status.failure || '';
}

function follow() {
  const id = new URLSearchParams(location.search).get('run');
  document.getElementById('back').hidden = id === null;
  const width = page.main.clientWidth;
  const points = Math.min(2000, Math.max(300, Math.round(width * Math.min(2, devicePixelRatio))));
  const source = new EventSource(`events?points=${points}${id === null ? '' : `&run=${encodeURIComponent(id)}`}`);
  source.addEventListener('run', (event) => {
    take(JSON.parse(event.data));
    if (document.hidden && page.isDrawn) { page.isBehind = true; return; }
    draw();
    if (!page.isDrawn) requestAnimationFrame(() => performance.mark('first drawing'));
    page.isDrawn = true;
  });
  source.addEventListener('error', () => {
    if (run.status?.state === 'finished') source.close(); else showState('lost', 'connection lost, trying again');
  });
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && page.isBehind) { page.isBehind = false; draw(); }
  });
}

page.main.append(chartTools());
chooseTheme(document.getElementById('theme'));
follow();
