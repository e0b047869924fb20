import type { EventType } from '@event-tracker/domain';
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { axes, colourOf, fitTo } from '../live/chart.tsx';
import { eventTypes } from '../live/frame.ts';
import { ask } from '../shell/api.ts';
import { isDark, messages, number } from '../shell/preferences.ts';

/** Span in hours, and the step in which it is asked for: some hundred points each. */
const spans = {
  '1h': [1, 'minute'],
  '6h': [6, 'minute'],
  '24h': [24, 'minute'],
  '7d': [168, 'hour'],
  '30d': [720, 'hour'],
} as const;
const stepMs = { minute: 60_000, hour: 3_600_000 };
const subjects = ['everything', 'component', 'keyword', 'post'] as const;
const parameters = { component: 'componentId', keyword: 'keyword', post: 'postId' } as const;

interface Series {
  type: EventType;
  points: { at: string; count: number }[];
}

/** Counts of any type, component, keyword or post over time, when asked for. */
export function Explore() {
  const t = messages.value;
  const type = useSignal<EventType>('PAGE_VIEW');
  const subject = useSignal<(typeof subjects)[number]>('everything');
  const value = useSignal('');
  const span = useSignal<keyof typeof spans>('1h');
  const series = useSignal<Series | undefined>(undefined);
  const failure = useSignal('');

  async function show(): Promise<void> {
    const [hours, interval] = spans[span.value];
    // The step that is under way belongs to the span, too.
    const to = Math.floor(Date.now() / stepMs[interval]) * stepMs[interval] + stepMs[interval];
    try {
      const { points } = await ask<{ points: Series['points'] }>('api/statistics/timeseries', {
        eventType: type.value,
        interval,
        from: new Date(to - hours * 3_600_000).toISOString(),
        to: new Date(to).toISOString(),
        ...(subject.value !== 'everything' && { [parameters[subject.value]]: value.value.trim() }),
      });
      series.value = { type: type.value, points };
      failure.value = '';
    } catch (cause) {
      failure.value = (cause as Error).message || t.away;
    }
  }

  const counts = series.value?.points.map(({ count }) => count) ?? [];
  const total = counts.reduce((sum, count) => sum + count, 0);
  return (
    <section class="card full" aria-labelledby="explore">
      <h2 id="explore">{t.explore}</h2>
      <form
        class="fields"
        onSubmit={(submitted) => {
          submitted.preventDefault();
          void show();
        }}
      >
        <label>
          {t.type}
          <select
            value={type.value}
            onChange={({ currentTarget }) => (type.value = currentTarget.value as EventType)}
          >
            {eventTypes.map((one) => (
              <option key={one} value={one}>
                {t.types[one]}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t.of}
          <select
            value={subject.value}
            onChange={({ currentTarget }) => (subject.value = currentTarget.value as typeof subject.value)}
          >
            {subjects.map((one) => (
              <option key={one} value={one}>
                {t[one]}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t.value}
          <input
            value={value.value}
            disabled={subject.value === 'everything'}
            required
            inputMode={subject.value === 'keyword' ? 'text' : 'numeric'}
            onInput={({ currentTarget }) => (value.value = currentTarget.value)}
          />
        </label>
        <label>
          {t.span}
          <select
            value={span.value}
            onChange={({ currentTarget }) => (span.value = currentTarget.value as typeof span.value)}
          >
            {(Object.keys(spans) as (keyof typeof spans)[]).map((one) => (
              <option key={one} value={one}>
                {t.windows[one]}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" class="primary">
          {t.show}
        </button>
      </form>
      <p role="status" class={failure.value ? 'failure' : 'note'}>
        {failure.value ||
          (series.value && (
            <>
              <b class="number" id="series-total">
                {number.value.format(total)}
              </b>{' '}
              {t.total}, <b class="number">{number.value.format(Math.max(0, ...counts))}</b> {t.most}
            </>
          ))}
      </p>
      {series.value && <SeriesChart series={series.value} />}
    </section>
  );
}

/** Times of the day; over days, dates. */
function seriesAxes(): uPlot.Axis[] {
  const [times, counts] = axes();
  const two = (part: number) => String(part).padStart(2, '0');
  const text = (seconds: number, stepSeconds: number) => {
    const at = new Date(seconds * 1000);
    return stepSeconds >= 86_400
      ? `${two(at.getMonth() + 1)}-${two(at.getDate())}`
      : `${two(at.getHours())}:${two(at.getMinutes())}`;
  };
  return [{ ...times!, values: (_, ticks, __, ___, step) => ticks.map((tick) => text(tick, step)) }, counts!];
}

function SeriesChart({ series }: { series: Series }) {
  const place = useRef<HTMLDivElement>(null);
  const dark = isDark.value;
  useEffect(() => {
    const element = place.current!;
    const colour = colourOf(series.type);
    const chart = new uPlot(
      {
        width: element.clientWidth,
        height: 220,
        cursor: { y: false },
        legend: { show: false },
        scales: { y: { range: (_, __, max) => [0, Math.max(4, (max ?? 0) * 1.1)] } },
        axes: seriesAxes(),
        series: [
          {},
          {
            stroke: colour,
            fill: `${colour}22`,
            width: 2,
            points: { show: false },
            paths: uPlot.paths.stepped!({ align: 1 }),
          },
        ],
      },
      [series.points.map(({ at }) => Date.parse(at) / 1000), series.points.map(({ count }) => count)],
      element,
    );
    const unfit = fitTo(element, chart, 220);
    return () => {
      unfit();
      chart.destroy();
    };
  }, [series, dark]);
  return <div ref={place} class="chart" role="img" aria-label={messages.value.types[series.type]} />;
}
