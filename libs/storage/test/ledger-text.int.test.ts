import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@event-tracker/domain';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createStatisticsReader } from '../src/index.ts';
import { aBatch, anEvent, aSearch } from './support/builders.ts';
import { openTestLedger, type TestLedger } from './support/test-ledger.ts';

let store: TestLedger;

beforeAll(async () => {
  store = await openTestLedger();
});
afterAll(() => store.close());

/** What array literals, SQL, JSON and COPY give a meaning to. */
const pitfalls = [
  ...['NULL', 'null', '', ' ', '{}', '{"a"}', '","', '"', '""', '\\', '\\\\', '\\"', '\\N', '\\.', ',', "'"],
  ...[
    '$1',
    '--',
    ';',
    '\n',
    '\r\n',
    '\t',
    '\u0001',
    '\u007f',
    '\ufeff',
    'é',
    'e\u0301',
    '고양이',
    '🐈‍⬛',
    '\u{10ffff}',
  ],
];
/** Whatever CONTRACT §2 lets through: any code points but NUL. */
const text = fc.oneof(
  fc.constantFrom(...pitfalls),
  fc.string({ unit: 'binary' }).map((value) => value.replaceAll('\0', '')),
);
const properties = fc
  .dictionary(text, fc.jsonValue({ stringUnit: 'binary' }), { maxKeys: 5 })
  .filter((value) => !JSON.stringify(value).includes('\\u0000')) as fc.Arbitrary<JsonObject>;

test('every text comes back from the ledger as it went in', async () => {
  const texts = fc.record({ sessionId: text, elementId: fc.option(text), keyword: fc.option(text) });
  await fc.assert(
    fc.asyncProperty(fc.array(texts, { minLength: 1, maxLength: 60 }), async (given) => {
      const events = given.map(({ sessionId, elementId, keyword }) => ({
        ...anEvent({ eventId: randomUUID(), sessionId }),
        ...(elementId === null ? {} : { elementId }),
        ...(keyword === null ? {} : { keyword }),
      }));
      await store.commitAndFold([aBatch(events)]);
      const rows = await store.rows<{ event_id: string }>(
        `select event_id, session_id as "sessionId", element_id as "elementId", keyword
         from event where event_id = any($1)`,
        [events.map((event) => event.eventId)],
      );
      const stored = new Map(rows.map(({ event_id: id, ...row }) => [id, row]));
      expect(events.map((event) => stored.get(event.eventId))).toEqual(given);
    }),
    { numRuns: 25 },
  );
});

test('properties come back from the ledger as they went in', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(properties, { minLength: 1, maxLength: 30 }), async (given) => {
      const events = given.map((value) => anEvent({ properties: value }));
      await store.commitAndFold([aBatch(events)]);
      // Compared by PostgreSQL: JSON.parse of Node 24 mistakes escaped keys for each other (nodejs/node#63785).
      const rows = await store.rows<{ same: number }>(
        `select count(*) as same
         from event join unnest($1::uuid[], $2::text[]) as given (event_id, text) using (event_id)
         where properties = text::jsonb`,
        [events.map((event) => event.eventId), given.map((value) => JSON.stringify(value))],
      );
      expect(rows).toEqual([{ same: given.length }]);
    }),
    { numRuns: 25 },
  );
});

test('every keyword is counted under its own exact text', async () => {
  const statistics = createStatisticsReader(store.pool);
  const span = { grain: 'hour' as const, from: 0, to: Date.now() + 3_600_000 };
  const keywords = pitfalls.map((pitfall) => `exact ${pitfall}`);
  await store.commitAndFold([aBatch(keywords.map((keyword) => aSearch(keyword)))]);
  await store.commitAndFold([aBatch(keywords.toReversed().map((keyword) => aSearch(keyword)))]);
  for (const keyword of keywords) {
    expect([keyword, await statistics.countOfSubject('SEARCH', keyword, [span])]).toEqual([keyword, 2]);
    expect([keyword, await statistics.countFiltered('SEARCH', { keyword }, 0, span.to)]).toEqual([
      keyword,
      2,
    ]);
  }
});
