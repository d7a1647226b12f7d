'use strict';

// What all charts of a page share: the step under the pointer, the steps that are shown, and how much curves are smoothed.
const view = {
  step: null,
  // [first, last] step, or null for all of them.
  zoom: null,
  end: 1,
  smoothing: Number(kept.read('smoothing') ?? 35),
  charts: new Set(),
  watchers: [],

  point(step) {
    this.step = step;
    for (const chart of this.charts) chart.point();
  },

  show(zoom) {
    const whole = !zoom || (zoom[0] <= 0 && zoom[1] >= this.end);
    this.zoom = whole ? null : [Math.max(0, zoom[0]), Math.min(this.end, zoom[1])];
    this.redraw();
  },

  // Shows `factor` times as many steps around the one under the pointer, else the last ones.
  scale(factor) {
    const [first, last] = this.zoom || [0, this.end];
    const length = Math.max(2, (last - first) * factor);
    const middle = this.step !== null && this.step >= first && this.step <= last ? this.step : last - length / 2;
    const start = Math.min(Math.max(0, middle - length / 2), Math.max(0, this.end - length));
    this.show(length >= this.end ? null : [start, start + length]);
  },

  smooth(value) {
    this.smoothing = value;
    kept.write('smoothing', value);
    this.redraw();
  },

  redraw() {
    for (const chart of this.charts) chart.draw();
    for (const watcher of this.watchers) watcher();
  },
};

// Smoothing and zoom of all charts.
function chartTools() {
  const slider = element('input');
  Object.assign(slider, { type: 'range', min: 0, max: 100, step: 5, value: view.smoothing });
  slider.addEventListener('input', () => view.smooth(Number(slider.value)));
  const label = element('label', 'smoothing', 'Smoothing', slider);
  const closer = button('tool', '+', () => view.scale(0.5));
  closer.setAttribute('aria-label', 'Zoom in');
  const farther = button('tool', '−', () => view.scale(2));
  farther.setAttribute('aria-label', 'Zoom out');
  const all = button('tool', 'All steps', () => view.show(null));
  const watch = () => { all.disabled = farther.disabled = view.zoom === null; };
  view.watchers.push(watch);
  watch();
  return element('div', 'tools', label, element('span', 'group', farther, closer, all));
}
