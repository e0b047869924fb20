import { newEventId } from '../event-id.ts';

/** Who is here: kept in sessionStorage, so a visit ends with its tab. */
export interface Visit {
  sessionId: string;
  userId: number | undefined;
}

const key = 'event-tracker';

/** The visit of this tab, begun where there is none. What is put into it is kept until the tab is closed. */
export function readVisit(): { visit: Visit; keep(): void } {
  let visit: Visit | undefined;
  try {
    visit = JSON.parse(sessionStorage.getItem(key) ?? '') as Visit;
  } catch {
    // None yet, or none that can be read.
  }
  const current = visit?.sessionId ? visit : { sessionId: newEventId(Date.now()), userId: undefined };
  const keep = () => {
    try {
      sessionStorage.setItem(key, JSON.stringify(current));
    } catch {
      // The visit lasts as long as this page.
    }
  };
  keep();
  return { visit: current, keep };
}
