import { weightedRanks, zipf } from './alias-table.ts';

/** What the events of a scenario are about, each drawn by how often it comes. */
export interface Subjects {
  users: number;
  keyword(): string;
  post(): number;
  /** The component of a page view. */
  page(): number;
}

/** The component of page views where there is only one. */
export const pageViewComponent = 1000;

const tenKeywords = ['고양이', '강아지', '여행', '맛집', '일상', '운동', '독서', '음악', '코딩', '스터디'];

const many = { keywords: 1_000_000, posts: 1_000_000, pages: 100_000, users: 200_000 };

/** Beyond the components of the other types, and of the probes. */
const firstPage = 10_000_000;

/** A prime, so that the popular ones lie among the others and not all at the beginning of an index. */
const stride = 7_368_787;

/**
 * `ten`: as locust/ has them, 100 users, 1,000 posts, ten keywords, all alike. `zipf`: as a large site has them: a million
 * keywords and posts, 100,000 components and 200,000 users, the first three by Zipf's law.
 */
export const scenarioNames = ['ten', 'zipf'] as const;
export type ScenarioName = (typeof scenarioNames)[number];

export function createSubjects(name: ScenarioName, random: () => number): Subjects {
  const upTo = (maximum: number) => Math.floor(random() * maximum);
  if (name === 'ten') {
    return {
      users: 100,
      keyword: () => tenKeywords[upTo(tenKeywords.length)]!,
      post: () => 1 + upTo(1000),
      page: () => pageViewComponent,
    };
  }
  const ranked = (count: number) => {
    const rank = weightedRanks(zipf(count), random);
    return () => (rank() * stride) % count;
  };
  const keyword = ranked(many.keywords);
  const post = ranked(many.posts);
  const page = ranked(many.pages);
  return {
    users: many.users,
    keyword: () => `검색어 ${keyword()}`,
    post: () => 1 + post(),
    page: () => firstPage + page(),
  };
}
