'use strict';

// The live page: takes the server's events and draws them.

const run = { generation: -1, width: 0, curves: new Map(), busy: [], scores: [], events: [] };
const page = {
  charts: new Map(),
  ranks: new RankPanel(document.getElementById('ranks')),
  place: document.getElementById('charts'),
};

const figureCharts = [
  ['loss', { canBeLogarithmic: true }], ['learning_rate', {}], ['gradient_norm', { canBeLogarithmic: true }],
  ['samples_per_second', {}],
];
const figureTitles = { samples_per_second: 'Rows per second' };

function merge(kept, added, from) {
  const start = kept.findIndex((point) => point.index >= from);
  if (start >= 0) kept.length = start;
  for (const point of added) kept.push(point);
  return kept;
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
  if (news.scores) run.scores = news.scores;
  if (news.events) run.events = news.events;
  Object.assign(run, { name: news.name, status: news.status, ranks: news.ranks });
}

function chart(name, title, options) {
  if (!page.charts.has(name)) {
    const made = new Chart(title, options);
    page.charts.set(name, made);
    // The metrics come with the first evaluation, and still stand before the ranks.
    made.card.style.order = name === 'busy' ? 1 : 0;
    page.place.append(made.card);
  }
  return page.charts.get(name);
}

function draw() {
  const { status } = run;
  drawHead(status);
  document.getElementById('tiles').replaceChildren(...tiles(status, run.scores, run.ranks));
  const marks = run.events.filter((event) => event.step && ['checkpoint', 'resumed', 'failed'].includes(event.kind))
    .map((event) => ({ x: event.step, kind: event.kind }));
  for (const [name, options] of figureCharts) {
    const points = run.curves.get(name) || [];
    chart(name, figureTitles[name] || numbers.title(name), options)
      .show([{ name, color: 0, points, isSmooth: name !== 'learning_rate' }], status.step, name === 'loss' ? marks : []);
  }
  drawTerms(status);
  drawScores(status);
  if (run.busy.length > 1) {
    const series = run.busy.map((points, rank) => ({ name: `rank ${rank}`, color: rank % 8, points, isSmooth: false }));
    chart('busy', 'Own work per step, in seconds', { format: numbers.moment }).show(series, status.step);
  }
  page.ranks.show(run.ranks);
  showEvents(document.getElementById('events'), run.events, status);
}

function drawTerms(status) {
  const names = [...run.curves.keys()].filter((name) => name.startsWith('terms.'));
  if (names.length === 0) return;
  const series = names.map((name, index) =>
    ({ name: numbers.title(name), color: index % 8, points: run.curves.get(name), isSmooth: true }));
  chart('terms', 'Terms of the loss', { canBeLogarithmic: true }).show(series, status.step);
}

function drawScores(status) {
  const colors = new Map([...new Set(run.scores.map((score) => score.weights))].map((name, index) => [name, index % 8]));
  for (const metric of new Set(run.scores.map((score) => score.metric))) {
    const series = run.scores.filter((score) => score.metric === metric).map(({ weights, points }) => ({
      name: weights, color: colors.get(weights), isSmooth: false,
      points: points.map(([x, mean]) => ({ x, mean, least: mean, greatest: mean })),
    }));
    const positive = run.scores.find((score) => score.metric === metric).positive;
    chart(`score ${metric}`, `Validation ${numbers.metric(metric, positive)}`).show(series, status.step);
  }
}

const stateWords = {
  waiting: 'waiting for the first step', running: 'running', finished: 'finished', failed: 'failed',
  quiet: (status) => `quiet for ${numbers.seconds(status.silence)}`,
};

function showState(kind, words) {
  const pill = document.getElementById('state');
  if (pill.textContent !== words) pill.textContent = words;
  pill.className = `pill ${kind}`;
}

function drawHead(status) {
  const words = stateWords[status.state];
  showState(status.state, typeof words === 'function' ? words(status) : words || status.state);
  document.getElementById('name').textContent = run.name;
  const total = status.total_steps;
  const share = total ? Math.min(1, status.step / total) : 0;
  document.title = `${total ? `${Math.floor(100 * share)} % ` : ''}${run.name} · Lockstep`;
  document.getElementById('bar').style.width = `${100 * share}%`;
  const of = total ? ` of ${numbers.count(total)}` : '';
  document.getElementById('done').textContent = `step ${numbers.count(status.step)}${of}, epoch ${status.epoch}`;
  const spent = status.elapsed === null ? '' : `${numbers.seconds(status.elapsed)} spent`;
  const left = status.remaining === null ? '' : `${numbers.seconds(status.remaining)} left`;
  document.getElementById('left').textContent = [left, spent].filter((part) => part).join(', ');
  const failure = document.getElementById('failure');
  failure.hidden = status.failure === null;
  failure.textContent = status.failure || '';
}

function follow() {
  const points = Math.min(2000, Math.max(200, Math.round(page.place.clientWidth * Math.min(2, devicePixelRatio) / 2)));
  const source = new EventSource(`events?points=${points}`);
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

chooseTheme(document.getElementById('theme'));
follow();
