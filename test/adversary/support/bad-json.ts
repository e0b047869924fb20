/** Chooses among a seeded generator's numbers. */
export interface Dice {
  of<T>(items: readonly T[]): T;
  upTo(maximum: number): number;
}

export function createDice(random: () => number): Dice {
  return {
    of: (items) => items[Math.floor(random() * items.length)]!,
    upTo: (maximum) => Math.floor(random() * maximum),
  };
}

/** Raw JSON that is right for no field at all. */
const wrongForAll = [
  'null',
  'true',
  '[]',
  '{}',
  '[[]]',
  '{"$ne":1}',
  '{"__proto__":{"a":1}}',
  '{"toString":1}',
  '""',
  '" "',
  '"\\u3000\\u00a0"',
  '"\\u0000"',
  '"a\\u0000b"',
  '"\\ud800"',
  '"x\\udc00x"',
  '-0',
  '0',
  '-1',
  '1.5',
  '1e400',
  '-1e400',
  '1e308',
  '9007199254740992',
  '9007199254740993',
  '123456789012345678901234567890',
] as const;

const wrongFor: Record<string, readonly string[]> = {
  eventType: ['"NOTHING"', '"CLİCK"', '"clıck"', '"CLICK "', '"__proto__"', '"constructor"', '1'],
  userId: ['"1"', '"1e3"', '1e-7'],
  sessionId: [`"${'x'.repeat(129)}"`, `"${'🐈'.repeat(129)}"`, '7'],
  eventId: [
    '"1"',
    '"00000000-0000-0000-0000-000000000000"',
    '"0198c0de-7a3e-7c61-9c64-5f1d2a3b4c5"',
    '"0198c0de7a3e7c619c645f1d2a3b4c5d"',
    '"{0198c0de-7a3e-7c61-9c64-5f1d2a3b4c5d}"',
  ],
  occurredAt: [
    '"yesterday"',
    '"2026-11-22"',
    '"2026-11-22T10:00:00"',
    '"2026-02-30T10:00:00Z"',
    '"1970-01-01T00:00:00Z"',
    '"+275760-09-13T00:00:00.001Z"',
    '"9999-12-31T23:59:61Z"',
    '"2026-11-22T10:00:00+24:00"',
    `"2026-11-22T10:00:00.${'1'.repeat(100_000)}Z"`,
    '1700000000000',
  ],
  sentAt: ['"now"', '"2026-11-22"', `"${'2026-11-22T10:00:00Z'.repeat(5000)}"`, '1700000000000'],
  properties: [
    '"text"',
    '7',
    `{"a":"${'x'.repeat(4096)}"}`,
    `${'{"a":'.repeat(6)}1${'}'.repeat(6)}`,
    `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
    `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
    '{"a":"\\u0000"}',
    '{"\\ud800":1}',
    '{"a":9007199254740993}',
    '{"a":[{"b":9007199254740993.0}]}',
    '{"__proto__":{"a":9.007199254740993e15}}',
    '{"\\u005f\\u005fproto__":90071992547409930e-1}',
    `{"a":${'1'.repeat(200_000)}}`,
    `{"a":1e${'1'.repeat(200_000)}}`,
    `{"a":[${'1,'.repeat(100_000)}1]}`,
    `{${Array.from({ length: 10_000 }, (_, at) => `"name${at}":1`).join(',')}}`,
    `{"${'n'.repeat(100_000)}":1}`,
  ],
  metadata: ['"text"', '7', '[1]', '{"componentId":"1"}', '{"componentId":1,"post_id":2}'],
  'metadata.componentId': ['"1002"', '[1002]', '{"valueOf":1}'],
  'metadata.elementId': [`"${'x'.repeat(257)}"`, '7'],
  'metadata.keyword': [
    `"${'x'.repeat(101)}"`,
    `"a${'\u0301\u0316'.repeat(40_000)}"`,
    `"a${'\u0301\u0316'.repeat(499)}"`,
    `"${'\u200b'.repeat(999)}"`,
    `"${' '.repeat(100_000)}"`,
    `"${'👩\u200d'.repeat(330)}"`,
    '"\\u3164\\u115f\\u1160\\uffa0\\ufeff"',
    '7',
  ],
  'metadata.postId': ['"7"', '[7]'],
};

/** Empty objects are good properties. */
const goodAfterAll: Record<string, readonly string[]> = {
  properties: ['{}', '{"$ne":1}', '{"toString":1}', '{"__proto__":{"a":1}}'],
};

const fields = Object.keys(wrongFor);
const unknownNames = [
  'x'.repeat(50_000),
  '__proto__',
  'constructor',
  'prototype',
  'hasOwnProperty',
  'user_id',
  'EventType',
  '',
];

const valid: Record<string, string> = {
  eventType: '"SEARCH"',
  userId: '42',
  sessionId: '"s-1"',
  eventId: '"0198c0de-7a3e-7c61-9c64-5f1d2a3b4c5d"',
  'metadata.componentId': '1001',
  'metadata.elementId': '"box"',
  'metadata.keyword': '"cat"',
  'metadata.postId': '7',
};

/** One event, as JSON, with something wrong in it. */
export function badEvent(dice: Dice): string {
  const parts = { ...valid };
  const kind = dice.upTo(10);
  const extra: string[] = [];
  const extraInMetadata: string[] = [];
  if (kind < 6) {
    const field = dice.of(fields);
    const wrong = [...wrongFor[field]!, ...wrongForAll].filter(
      (value) => !goodAfterAll[field]?.includes(value),
    );
    if (field === 'metadata') {
      const value = dice.of(wrong);
      return objectOf({ ...topLevel(parts), metadata: value });
    }
    parts[field] = dice.of(wrong);
  } else if (kind < 7) {
    delete parts[dice.of(['eventType', 'sessionId', 'metadata.componentId', 'metadata.keyword'])];
  } else if (kind < 9) {
    const unknown = `${JSON.stringify(dice.of(unknownNames))}:${dice.of(wrongForAll)}`;
    (dice.upTo(2) === 0 ? extra : extraInMetadata).push(unknown);
  } else return dice.of(wrongForAll.filter((value) => value !== '""'));
  return eventOf(parts, extra, extraInMetadata);
}

function topLevel(parts: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(parts).filter(([name]) => !name.includes('.')));
}

function eventOf(parts: Record<string, string>, extra: string[], extraInMetadata: string[]): string {
  const inMetadata = Object.entries(parts)
    .filter(([name]) => name.startsWith('metadata.'))
    .map(([name, value]) => `"${name.slice('metadata.'.length)}":${value}`);
  const metadata = `"metadata":{${[...inMetadata, ...extraInMetadata].join(',')}}`;
  const top = Object.entries(topLevel(parts)).map(([name, value]) => `"${name}":${value}`);
  return `{${[...top, metadata, ...extra].join(',')}}`;
}

function objectOf(parts: Record<string, string>): string {
  return `{${Object.entries(parts)
    .map(([name, value]) => `"${name}":${value}`)
    .join(',')}}`;
}

/** What is no JSON. */
export function brokenText(dice: Dice): string {
  const event = eventOf(valid, [], []);
  return dice.of([
    () => event.slice(0, 1 + dice.upTo(event.length - 1)),
    () => `${event}${dice.of(['}', ',', event, '\u0000', 'x'])}`,
    () => '['.repeat(1 + dice.upTo(100_000)),
    () => '{"a":'.repeat(1 + dice.upTo(50_000)),
    () => `{"a":"${'\\'.repeat(1 + 2 * dice.upTo(50))}"}`,
    () => `"${'x'.repeat(dice.upTo(10_000))}`,
    () =>
      dice.of([
        '',
        ' ',
        'undefined',
        'NaN',
        "{'a':1}",
        '{a:1}',
        '[1,]',
        '\uFEFF',
        '01',
        '-',
        '1e',
        '\\u0041',
      ]),
  ])();
}
