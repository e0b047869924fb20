import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { isDark, messages, number } from '../shell/preferences.ts';
import { eventTypes } from './frame.ts';
import { history, historySeconds } from './stream.ts';

const height = 240;

export const colourOf = (name: string) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const clock = (seconds: number) => new Date(seconds * 1000).toTimeString().slice(0, 8);

/** Fits a chart's width to its place, now and whenever that changes. */
export function fitTo(place: HTMLElement, chart: uPlot, chartHeight: number): () => void {
  const observer = new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: chartHeight }));
  observer.observe(place);
  return () => observer.disconnect();
}

export function axes(): uPlot.Axis[] {
  const quiet = { stroke: colourOf('text-quiet'), font: '12px system-ui, sans-serif' };
  const grid = { stroke: colourOf('line'), width: 1 };
  return [
    { ...quiet, grid: { show: false }, ticks: { show: false }, space: 80, size: 28 },
    {
      ...quiet,
      grid,
      ticks: { show: false },
      size: 48,
      values: (_, ticks) => ticks.map((tick) => number.value.format(tick)),
    },
  ];
}

/** Events a second by type, moving. What it shows is in the list below it, too, as text. */
export function LiveChart() {
  const place = useRef<HTMLDivElement>(null);
  const dark = isDark.value;

  useEffect(() => {
    const element = place.current!;
    const [times, counts] = axes();
    const chart = new uPlot(
      {
        width: element.clientWidth,
        height,
        cursor: { show: false },
        legend: { show: false },
        scales: {
          x: { time: true, range: () => windowNow() },
          y: { range: (_, __, max) => [0, Math.max(4, (max ?? 0) * 1.15)] },
        },
        axes: [{ ...times!, values: (_, ticks) => ticks.map(clock) }, counts!],
        series: [
          {},
          ...eventTypes.map((type) => ({
            stroke: colourOf(type),
            width: 2,
            points: { show: false },
            paths: uPlot.paths.spline!(),
          })),
        ],
      },
      history.peek() as uPlot.AlignedData,
      element,
    );
    const unfit = fitTo(element, chart, height);
    const unsubscribe = history.subscribe((data) => chart.setData(data as uPlot.AlignedData));
    return () => {
      unsubscribe();
      unfit();
      chart.destroy();
    };
  }, [dark]);

  return (
    <div
      ref={place}
      class="chart"
      role="img"
      aria-label={`${messages.value.perSecond}, ${messages.value.lastMinutes}`}
    />
  );
}

function windowNow(): [number, number] {
  const to = history.peek()[0]!.at(-1) ?? Date.now() / 1000;
  return [to - historySeconds, to];
}
