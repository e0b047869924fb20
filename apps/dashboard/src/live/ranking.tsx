import { useLayoutEffect, useRef } from 'preact/hooks';
import { messages, number } from '../shell/preferences.ts';

export interface RankingRow {
  key: string;
  name: string;
  count: number;
}

const still = matchMedia('(prefers-reduced-motion: reduce)');
const moveMs = 350;

/** A ranking whose rows move to their new places. Its height stays: nothing below it jumps. */
export function Ranking(props: {
  id: string;
  title: string;
  hint?: string;
  heads: [string, string];
  rows: RankingRow[] | undefined;
}) {
  const { id, title, hint, heads, rows = [] } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  const places = useRef(new Map<string, number>());
  const most = rows[0]?.count ?? 1;

  useLayoutEffect(() => {
    const now = new Map<string, number>();
    for (const row of body.current!.querySelectorAll('tr')) {
      const { key = '' } = row.dataset;
      const top = row.offsetTop;
      const before = places.current.get(key);
      now.set(key, top);
      if (before !== undefined && before !== top && !still.matches)
        row.animate([{ transform: `translateY(${before - top}px)` }, { transform: 'none' }], {
          duration: moveMs,
          easing: 'ease-out',
        });
    }
    places.current = now;
  });

  return (
    <section class="card ranking" id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>
        {title} {hint && <small>{hint}</small>}
      </h2>
      <table>
        <thead class="unseen">
          <tr>
            <th scope="col">{heads[0]}</th>
            <th scope="col">{heads[1]}</th>
          </tr>
        </thead>
        <tbody ref={body}>
          {rows.map(({ key, name, count }) => (
            <tr key={key} data-key={key}>
              <td>
                <i class="bar" style={{ transform: `scaleX(${count / most})` }} />
                <span title={name}>{name}</span>
              </td>
              <td class="number">{number.value.format(count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p class="empty">{messages.value.nothingYet}</p>}
    </section>
  );
}
