import { useSignal } from '@preact/signals';
import { ask, key, urlOf } from '../shell/api.ts';
import { messages } from '../shell/preferences.ts';
import { latest } from './stream.ts';

const event = { eventType: 'SEARCH', sessionId: 'hello', metadata: { componentId: 1001, keyword: 'hello' } };

/** Shown until the first event is stored: how to send it. */
export function FirstEvent() {
  const copied = useSignal(false);
  const outcome = useSignal('');
  if (latest.value?.hasEvents !== false) return null;
  const t = messages.value;
  const authorization = key.value === '' ? '' : " -H 'authorization: Bearer YOUR_KEY'";
  const command = `curl ${urlOf('api/events')} -H 'content-type: application/json'${authorization} -d '${JSON.stringify(event)}'`;

  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(command);
    copied.value = true;
  }
  async function send(): Promise<void> {
    try {
      await ask('api/events', {}, { ...event, sessionId: crypto.randomUUID() });
      outcome.value = t.sent;
    } catch (cause) {
      outcome.value = `${t.sendFailed} ${(cause as Error).message}`;
    }
  }

  return (
    <section class="card full first" aria-labelledby="first">
      <h2 id="first">{t.first}</h2>
      <p>{t.firstHint}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it */}
      <pre tabIndex={0}>
        <code>{command}</code>
      </pre>
      <p class="actions">
        <button type="button" class="primary" onClick={() => void send()}>
          {t.sendOne}
        </button>
        <button type="button" onClick={() => void copy().catch(() => {})}>
          {copied.value ? t.copied : t.copy}
        </button>
        <output>{outcome.value}</output>
      </p>
    </section>
  );
}
