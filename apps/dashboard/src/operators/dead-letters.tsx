import { useSignal } from '@preact/signals';
import { ask } from '../shell/api.ts';
import { language, messages } from '../shell/preferences.ts';

export interface DeadLetter {
  id: number;
  kind: 'event' | 'change';
  event: unknown;
  /** Of a change alone. */
  change?: unknown;
  reason: string;
  code: string;
  at: string;
  replayedAt: string | null;
}

/** What could not be stored, or added up, with why; it is replayed once its cause is mended. */
export function DeadLetters({ letters, onReplayed }: { letters: DeadLetter[]; onReplayed(): void }) {
  const t = messages.value;
  const failure = useSignal('');
  const waiting = letters.filter(({ replayedAt }) => replayedAt === null);

  async function replay(ids: number[]): Promise<void> {
    try {
      await ask('admin/dead-letters/replay', {}, { ids });
      failure.value = '';
    } catch (cause) {
      failure.value = (cause as Error).message || t.away;
    }
    onReplayed();
  }

  const time = (at: string) =>
    new Date(at).toLocaleString(language.value, { dateStyle: 'short', timeStyle: 'medium' });
  return (
    <>
      <div class="card-head">
        <h3>{t.deadLetters}</h3>
        {waiting.length > 1 && (
          <button type="button" onClick={() => void replay(waiting.map(({ id }) => id))}>
            {t.replayAll}
          </button>
        )}
      </div>
      {failure.value && <p class="failure">{failure.value}</p>}
      {letters.length === 0 && <p class="empty">{t.noDeadLetters}</p>}
      <ul class="letters">
        {letters.map((letter) => (
          <li key={letter.id} data-letter={letter.id}>
            <div>
              <b>{letter.reason}</b>
              <small>
                {letter.code} · {time(letter.at)}
              </small>
            </div>
            <details>
              <summary>{letter.kind === 'change' ? t.change : t.event}</summary>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it */}
              <pre tabIndex={0}>
                {JSON.stringify(letter.kind === 'change' ? letter.change : letter.event, null, 2)}
              </pre>
            </details>
            {letter.replayedAt === null ? (
              <button type="button" onClick={() => void replay([letter.id])}>
                {t.replay}
              </button>
            ) : (
              <span class="badge">{t.replayed}</span>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
