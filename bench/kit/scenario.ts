import { seededRandom } from '../../test/random-events.ts';
import { createSubjects, type ScenarioName } from './subjects.ts';

/** An event as a client sends it. */
export interface ScenarioEvent {
  eventType: string;
  userId: number;
  sessionId: string;
  metadata: { componentId: number; elementId?: string; keyword?: string; postId?: number };
}

export interface ScenarioOptions {
  scenario: ScenarioName;
  /** Without them it is two searches, two clicks and two page views of six. */
  likes?: boolean;
}

const seed = 20_261_122;

/**
 * The load scenario's mix (locust/README.md): of ten events four are likes or unlikes, two searches, two clicks, two
 * page views. The same events in every run.
 */
export function createScenario({ scenario, likes = true }: ScenarioOptions): () => ScenarioEvent {
  const random = seededRandom(seed);
  const upTo = (maximum: number) => Math.floor(random() * maximum);
  const subjects = createSubjects(scenario, random);
  const visitors = new Map<number, { userId: number; sessionId: string; liked: number[] }>();

  function visitorOf(userId: number) {
    const known = visitors.get(userId);
    if (known) return known;
    const visitor = { userId, sessionId: sessionId(random), liked: [] };
    visitors.set(userId, visitor);
    return visitor;
  }

  return () => {
    const { liked, ...visitor } = visitorOf(1 + upTo(subjects.users));
    const kind = likes ? random() : 0.4 + random() * 0.6;
    if (kind < 0.4) {
      const postId = subjects.post();
      const takenBack =
        liked.length > 0 && random() < 0.5 ? liked.splice(upTo(liked.length), 1)[0] : undefined;
      if (takenBack === undefined && !liked.includes(postId)) liked.push(postId);
      return {
        eventType: takenBack === undefined ? 'LIKE' : 'UNLIKE',
        ...visitor,
        metadata: { componentId: 1003, elementId: 'like-button', postId: takenBack ?? postId },
      };
    }
    if (kind < 0.6) {
      return {
        eventType: 'SEARCH',
        ...visitor,
        metadata: { componentId: 1001, elementId: 'search-box', keyword: subjects.keyword() },
      };
    }
    if (kind < 0.8) {
      return {
        eventType: 'CLICK',
        ...visitor,
        metadata: { componentId: 1002, elementId: 'post-card', postId: subjects.post() },
      };
    }
    return { eventType: 'PAGE_VIEW', ...visitor, metadata: { componentId: subjects.page() } };
  };
}

/** Browsers' session ids are UUIDs, as a rule; one a user, and the same in every run. */
function sessionId(random: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
