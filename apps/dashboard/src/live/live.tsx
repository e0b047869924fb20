import { messages, number } from '../shell/preferences.ts';
import { LiveChart } from './chart.tsx';
import { eventTypes, windows } from './frame.ts';
import { Ranking } from './ranking.tsx';
import { chosenWindow, latest } from './stream.ts';

export function Live() {
  const t = messages.value;
  const frame = latest.value;
  const total = frame ? eventTypes.reduce((sum, type) => sum + frame.perSecond[type], 0) : undefined;
  const known = frame?.lanes.filter(({ waiting }) => waiting !== null) ?? [];
  const waiting = known.reduce((sum, lane) => sum + lane.waiting!, 0);
  const oldest = Math.max(0, ...known.map((lane) => lane.oldestSeconds ?? 0));
  const has = known.length > 0;
  return (
    <>
      <dl class="tiles">
        <Tile name={t.perSecond} value={total} />
        <Tile name={t.waiting} value={has ? waiting : undefined} unit={t.waitingUnit} />
        <Tile name={t.oldest} value={has ? Math.round(oldest * 10) / 10 : undefined} unit="s" />
        <Tile
          name={t.workers}
          value={frame?.workers}
          alarm={frame?.workers === 0}
          unit={frame?.workers === 0 ? t.noWorker : ''}
        />
      </dl>

      <section class="card wide" aria-labelledby="rate">
        <h2 id="rate">
          {t.perSecond} <small>{t.lastMinutes}</small>
        </h2>
        <LiveChart />
        <ul class="legend">
          {eventTypes.map((type) => (
            <li key={type}>
              <i class="swatch" data-type={type} />
              {t.types[type]} <b class="number">{number.value.format(frame?.perSecond[type] ?? 0)}</b>
            </li>
          ))}
        </ul>
      </section>

      <System />

      <div class="row-head">
        <label>
          {t.window}{' '}
          <select
            id="window"
            value={chosenWindow.value}
            onChange={({ currentTarget }) => {
              chosenWindow.value = currentTarget.value as typeof chosenWindow.value;
            }}
          >
            {windows.map((window) => (
              <option key={window} value={window}>
                {t.windows[window]}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Ranking
        id="keywords"
        title={t.keywords}
        heads={[t.keyword, t.count]}
        rows={frame?.keywords.map(({ keyword, count }) => ({ key: keyword, name: keyword, count }))}
      />
      <Ranking
        id="posts"
        title={t.posts}
        hint={t.postsHint}
        heads={[t.post, t.likes]}
        rows={frame?.posts.map(({ postId, count }) => ({ key: `${postId}`, name: `#${postId}`, count }))}
      />
    </>
  );
}

function Tile({
  name,
  value,
  unit = '',
  alarm = false,
}: {
  name: string;
  value: number | undefined;
  unit?: string;
  alarm?: boolean;
}) {
  return (
    <div class={alarm ? 'tile alarm' : 'tile'}>
      <dt>{name}</dt>
      <dd>
        <b class="number">{value === undefined ? '–' : number.value.format(value)}</b> <small>{unit}</small>
      </dd>
    </div>
  );
}

function System() {
  const t = messages.value;
  const frame = latest.value;
  const shown = (value: number | null | undefined) =>
    value == null ? '–' : number.value.format(Math.round(value * 10) / 10);
  return (
    <section class="card" aria-labelledby="lanes">
      <h2 id="lanes">{t.lanes}</h2>
      {(['fast', 'durable', 'fold'] as const).map((name) => {
        const lane = frame?.lanes.find((one) => one.name === name);
        const breaker = frame?.breakers[name];
        return (
          <div key={name} class="lane">
            <h3>
              {name !== 'fold' && <i class={breaker === 'open' ? 'dot bad' : breaker ? 'dot good' : 'dot'} />}{' '}
              {t.laneNames[name]}
            </h3>
            <dl>
              <div>
                <dt>{t.waiting}</dt>
                <dd class="number">{shown(lane?.waiting)}</dd>
              </div>
              <div>
                <dt>{t.oldest}</dt>
                <dd class="number">{shown(lane?.oldestSeconds)} s</dd>
              </div>
              {name !== 'fold' && (
                <div>
                  <dt>{t.breaker}</dt>
                  <dd>{breaker ? t.breakers[breaker] : '–'}</dd>
                </div>
              )}
            </dl>
          </div>
        );
      })}
      <p class="note">
        {t.source}: <b>{frame ? t.sources[frame.source ?? 'none'] : '–'}</b>
      </p>
    </section>
  );
}
