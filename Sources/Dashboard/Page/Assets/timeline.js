'use strict';

// The latest minute of the ranks: what each did, and who waited for whom.
class RankTimeline {
  constructor(section) {
    this.section = section;
    this.words = element('p', 'facts');
    this.svg = shape('svg', { class: 'tracks', role: 'img' });
    section.replaceChildren(
      element('div', 'head', element('h3', '', 'The latest minute'), element('span', 'key', 'the parts of each stretch, not their order in it')), this.words, this.svg);
    new ResizeObserver(() => this.draw()).observe(this.svg);
  }

  // `windows` are [{step, steps, data, compute, communication, waiting}], seconds of each rank.
  show(windows) {
    this.windows = windows;
    const ranks = windows.length > 0 ? windows[windows.length - 1].compute.length : 0;
    this.section.hidden = ranks < 2;
    if (ranks < 2) return;
    this.words.textContent = this.sentence(ranks);
    this.svg.style.height = `${ranks * 22 + 24}px`;
    this.draw();
  }

  total(rank, kind) { return this.windows.reduce((sum, window) => sum + window[kind][rank], 0); }

  length(window) {
    return Math.max(1e-9, ...window.compute.map((_, rank) => kindsOfTime.reduce((sum, kind) => sum + window[kind][rank], 0)));
  }

  // The rank that others wait for waits least itself.
  sentence(ranks) {
    const time = this.windows.reduce((sum, window) => sum + this.length(window), 0);
    const waits = Array.from({ length: ranks }, (_, rank) => this.total(rank, 'waiting') / time);
    const slowest = waits.indexOf(Math.min(...waits));
    const waiting = waits.map((share, rank) => ({ share, rank })).filter(({ share, rank }) => rank !== slowest && share > 0.02)
      .sort((one, other) => other.share - one.share);
    const span = `${numbers.seconds(time)}, steps ${numbers.count(this.windows[0].step - this.windows[0].steps + 1)} to ${numbers.count(this.windows.at(-1).step)}`;
    if (waiting.length === 0) return `${span}: no rank waited for another for longer than 2 % of the time.`;
    const named = waiting.slice(0, 3).map(({ rank, share }) => `rank ${rank} ${(100 * share).toFixed(0)} %`).join(', ');
    const more = waiting.length > 3 ? ` and ${waiting.length - 3} more` : '';
    return `${span}: rank ${slowest} was waited for most. Time spent waiting: ${named}${more}.`;
  }

  draw() {
    const width = this.svg.clientWidth;
    if (!this.windows?.length || width === 0) return;
    const ranks = this.windows[this.windows.length - 1].compute.length;
    const [left, right] = [58, width - 4];
    const time = this.windows.reduce((sum, window) => sum + this.length(window), 0);
    this.svg.setAttribute('viewBox', `0 0 ${width} ${ranks * 22 + 24}`);
    this.svg.setAttribute('aria-label', `Time of ${ranks} ranks. ${this.words.textContent}`);
    const shapes = [];
    for (let rank = 0; rank < ranks; rank += 1) {
      shapes.push(shape('text', { x: 0, y: rank * 22 + 14 }, `rank ${rank}`));
      let begin = 0;
      for (const window of this.windows) {
        let start = begin;
        for (const kind of kindsOfTime) {
          const seconds = window[kind][rank];
          const x = left + (start / time) * (right - left);
          const size = (seconds / time) * (right - left);
          start += seconds;
          if (size < 0.15) continue;
          const words = `rank ${rank}, steps ${window.step - window.steps + 1} to ${window.step}: ${kindWords[kind]} ${numbers.moment(seconds)}`;
          shapes.push(shape('rect', { x: x.toFixed(2), width: size.toFixed(2), y: rank * 22 + 3, height: 15, class: `t-${kind}` }, shape('title', {}, words)));
        }
        begin += this.length(window);
      }
    }
    let begin = 0;
    for (const window of this.windows) {
      const x = left + (begin / time) * (right - left);
      shapes.push(shape('line', { x1: x, x2: x, y1: 0, y2: ranks * 22, class: 'border' }));
      begin += this.length(window);
    }
    for (const value of numbers.ticks(0, time, Math.max(2, Math.floor((right - left) / 110))).values) {
      const x = left + ((time - value) / time) * (right - left);
      shapes.push(shape('text', { x: Math.min(x, right), y: ranks * 22 + 18, 'text-anchor': value === 0 ? 'end' : x < left + 20 ? 'start' : 'middle' },
        value === 0 ? 'latest' : `−${Number(value.toPrecision(3))} s`));
    }
    this.svg.replaceChildren(...shapes);
  }
}
