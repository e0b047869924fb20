import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { access, ask, askingKey, isAdmin, Refused, urlOf } from '../shell/api.ts';
import { messages, number } from '../shell/preferences.ts';
import { type DeadLetter, DeadLetters } from './dead-letters.tsx';

const refreshMs = 3000;
const shown = ['received', 'stored', 'duplicate', 'dead', 'inFlight', 'missing'] as const;

type Books = Record<(typeof shown)[number], number | null> & {
  balanced: boolean | null;
  reasons?: string[];
};

/** The books and the dead letters, for whoever may see them; looked at again every few seconds. */
export function Operators() {
  const t = messages.value;
  const books = useSignal<Books | undefined>(undefined);
  const letters = useSignal<DeadLetter[]>([]);
  const refusal = useSignal<number | undefined>(undefined);
  const withAccess = access.value;

  async function read(): Promise<void> {
    try {
      books.value = await ask<Books>('admin/ledger');
      letters.value = (
        await ask<{ deadLetters: DeadLetter[] }>('admin/dead-letters', { limit: '20' })
      ).deadLetters;
      refusal.value = undefined;
    } catch (cause) {
      refusal.value = cause instanceof Refused ? cause.status : 503;
    }
    isAdmin.value = refusal.value !== 401 && refusal.value !== 403;
  }

  useEffect(() => {
    void read();
    // Who is let in only with a token is not asked again until there is one.
    const timer = setInterval(() => {
      if (refusal.peek() !== 401 && refusal.peek() !== 403 && !document.hidden) void read();
    }, refreshMs);
    return () => clearInterval(timer);
  }, [withAccess]);

  return (
    <section class="card full" aria-labelledby="operators">
      <div class="card-head">
        <h2 id="operators">{t.operators}</h2>
        <a href={urlOf('admin/queues').href}>{t.queueBoard}</a>
      </div>
      <Refusal status={refusal.value} />
      {books.value && refusal.value !== 401 && refusal.value !== 403 && (
        <>
          <h3>
            {t.books}{' '}
            <span class={books.value.balanced === false ? 'badge bad' : 'badge'}>
              {books.value.balanced === null ? t.unknown : books.value.balanced ? t.balanced : t.notBalanced}
            </span>
          </h3>
          <dl class="books">
            {shown.map((name) => (
              <div key={name} data-book={name}>
                <dt>{t.ledger[name]}</dt>
                <dd class="number">
                  {books.value![name] === null ? '–' : number.value.format(books.value![name])}
                </dd>
              </div>
            ))}
          </dl>
          {books.value.reasons?.map((reason) => (
            <p key={reason} class="failure" lang="en">
              {reason}
            </p>
          ))}
          <DeadLetters letters={letters.value} onReplayed={() => void read()} />
        </>
      )}
    </section>
  );
}

function Refusal({ status }: { status: number | undefined }) {
  const t = messages.value;
  switch (status) {
    case undefined:
      return null;
    case 401:
      return (
        <p class="actions">
          {t.adminNeeded}
          <button type="button" onClick={() => (askingKey.value = true)}>
            {t.key}
          </button>
        </p>
      );
    case 403:
      return <p class="note">{t.adminNotSet}</p>;
    default:
      return <p class="failure">{t.away}</p>;
  }
}
