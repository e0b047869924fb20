import { signal } from '@preact/signals';
import { askingKey, signIn, urlOf } from './api.ts';

/** The token of the link that opened this page was not good. */
export const linkRefused = signal(false);

/** Where a link may lead, once it has signed in: nowhere but to pages of ours. */
const destinations: Record<string, string> = { '/admin/queues': 'admin/queues' };

/**
 * Signs in by a link such as `#token=…&to=/admin/queues`, as `npm start` prints it. The token is taken out of the address
 * first, so that it stays in no history, bookmark or screenshot.
 */
async function signInByLink(): Promise<void> {
  const link = new URLSearchParams(location.hash.slice(1));
  const token = link.get('token');
  if (token === null) return;
  history.replaceState(null, '', location.pathname + location.search);
  const ok = await signIn(token).catch(() => false);
  linkRefused.value = !ok;
  const destination = destinations[link.get('to') ?? ''];
  if (!ok) askingKey.value = true;
  else if (destination !== undefined) location.replace(urlOf(destination));
}

/** Now, and when such a link is pasted over the address of the open page: that loads nothing. */
export async function followSignInLinks(): Promise<void> {
  addEventListener('hashchange', () => void signInByLink());
  await signInByLink();
}
