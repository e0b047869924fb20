import { connection } from '../live/stream.ts';
import { askingKey, urlOf } from './api.ts';
import { choose, language, messages, theme } from './preferences.ts';

export function Header() {
  const t = messages.value;
  const state = {
    live: t.live,
    connecting: t.connecting,
    reconnecting: t.reconnecting,
    'key-needed': t.keyNeeded,
  };
  return (
    <header>
      <h1>{t.title}</h1>
      <p class="connection" role="status" data-state={connection.value}>
        <i class={connection.value === 'live' ? 'dot good' : 'dot warn'} /> {state[connection.value]}
      </p>
      <nav>
        <a href={urlOf('docs').href}>{t.reference}</a>
        <button type="button" onClick={() => (askingKey.value = true)}>
          {t.key}
        </button>
        <label>
          <span class="unseen">{t.theme}</span>
          <select
            id="theme"
            value={theme.value}
            onChange={({ currentTarget }) => choose('theme', currentTarget.value)}
          >
            <option value="auto">{t.themeAuto}</option>
            <option value="light">{t.themeLight}</option>
            <option value="dark">{t.themeDark}</option>
          </select>
        </label>
        <label>
          <span class="unseen">{t.language}</span>
          <select
            id="language"
            value={language.value}
            onChange={({ currentTarget }) => choose('language', currentTarget.value)}
          >
            <option value="en" lang="en">
              English
            </option>
            <option value="ko" lang="ko">
              한국어
            </option>
          </select>
        </label>
      </nav>
    </header>
  );
}
