/** A body whose checking must cost little, whatever is in it. */
export interface BodyShape {
  name: string;
  route: 'one' | 'batch' | 'lines' | 'post' | 'like' | 'replay';
  text: string;
  events: number;
}

const bytes = 256 << 10;
/** A batch of this number of small events is 64 KiB and more. */
const many = { events: 150, units: 480 };

/** Texts of about this number of units, as JSON has them within quotes. */
const texts: Record<string, (units: number) => string> = {
  'one letter': (units) => 'x'.repeat(units),
  Hangul: (units) => '고'.repeat(units),
  emoji: (units) => '🐈'.repeat(units / 2),
  'joined emoji': (units) => '👩\u200d'.repeat(units / 3),
  escapes: (units) => '\\u0041'.repeat(units / 6),
  'unpaired surrogates': (units) => '\\ud800'.repeat(units / 6),
  NULs: (units) => '\\u0000'.repeat(units / 6),
  blanks: (units) => ' '.repeat(units),
  'invisible characters': (units) => 'a\u200b'.repeat(units / 2),
  'marks out of order': (units) => `a${'\u0301\u0316'.repeat(units / 2)}`,
  'marks in halves': (units) => `a${'\u0301'.repeat(units / 2)}${'\u0316'.repeat(units / 2)}`,
  'runs of marks': (units) => `a${'\u0301\u0316'.repeat(49)}`.repeat(units / 99),
  'half-width letters': (units) => 'ｶﾞ'.repeat(units / 2),
  'conjoining Hangul': (units) => '각'.normalize('NFD').repeat(units / 3),
  'digits of a date': (units) => `2026-11-22T10:34:00.${'1'.repeat(units)}Z`,
  'an offset that never ends': (units) => `2026-11-22T10:34:00+${'09:00'.repeat(units / 5)}`,
  'hex digits': (units) => '0198c0de-'.repeat(units / 9),
};

const values: Record<string, (units: number) => string> = {
  'an integer of many digits': (units) => '1'.repeat(units),
  'a fraction of many digits': (units) => `0.${'1'.repeat(units)}`,
  'an exponent of many digits': (units) => `1e${'1'.repeat(units)}`,
  'numbers that would be rounded': (units) => `[${'9007199254740993,'.repeat(units / 17)}1]`,
  'lists in lists': (units) => '['.repeat(units / 2) + ']'.repeat(units / 2),
  'objects in objects': (units) => `${'{"a":'.repeat(units / 6)}1${'}'.repeat(units / 6)}`,
  'many numbers': (units) => `[${'1,'.repeat(units / 2)}1]`,
  'many empty objects': (units) => `[${'{},'.repeat(units / 3)}1]`,
  'many texts': (units) => `[${'"a",'.repeat(units / 4)}1]`,
  'many names': (units) => `{${manyNames(units)}}`,
  'one name many times': (units) => `{${'"a":1,'.repeat(units / 6)}"a":1}`,
  'prototypes many times': (units) => `{${'"__proto__":{},'.repeat(units / 15)}"__proto__":1}`,
  'a long name': (units) => `{"${'n'.repeat(units)}":1}`,
};
for (const [name, text] of Object.entries(texts)) values[name] = (units) => `"${text(units)}"`;

function manyNames(units: number): string {
  let names = '"first":1';
  for (let at = 0; names.length < units; at += 1) names += `,"name${at.toString(36)}":1`;
  return names;
}

const fields = [
  'eventType',
  'userId',
  'sessionId',
  'eventId',
  'occurredAt',
  'sentAt',
  'properties',
  'metadata',
  'other',
];
const fieldsOfMetadata = ['componentId', 'elementId', 'keyword', 'postId', 'other'];

/** One event in which a field has this value. */
function eventWith(field: string, value: string): string {
  const [name, inner] = field.split('.');
  const given: Record<string, string> = {
    eventType: '"SEARCH"',
    sessionId: '"s"',
    metadata:
      inner === undefined
        ? '{"componentId":1,"keyword":"k"}'
        : `{"componentId":1,"keyword":"k","${inner}":${value}}`,
  };
  if (inner === undefined) given[name!] = value;
  return `{${Object.entries(given)
    .map(([key, json]) => `"${key}":${json}`)
    .join(',')}}`;
}

/** An event of this type in which every other field has a wrong value. */
function wrongEvent(eventType: string): string {
  const wrong = [...fields.slice(1), ...fieldsOfMetadata].map((name) => [name, 0]);
  const outer = Object.fromEntries(wrong.slice(0, fields.length - 1));
  const metadata = Object.fromEntries(wrong.slice(fields.length - 1));
  return JSON.stringify({ eventType: 0, ...outer, metadata }).replace('0', eventType);
}

const places = [...fields, ...fieldsOfMetadata.map((field) => `metadata.${field}`)];

function batchOf(event: (at: number) => string, count: number, asLines: boolean): string {
  const events = Array.from({ length: count }, (_, at) => event(at));
  return asLines ? events.join('\n') : `{"events":[${events.join(',')}]}`;
}

const blocksOfBody = 512;

/** Keywords of each part of Unicode, as long as one may be sent. */
function everyBlock(): BodyShape[] {
  const points = Array.from({ length: 0x11_0000 / 256 }, (_, at) => at * 256).filter(
    (point) =>
      point < 0xd800 || (point >= 0xe000 && point < 0x2_0000) || (point >= 0xe_0000 && point < 0xe_1000),
  );
  const keywordOf = (first: number, units: number) => {
    let keyword = '';
    for (let at = 0; keyword.length < units; at += 7) keyword += String.fromCodePoint(first + (at % 256));
    return JSON.stringify(keyword.slice(0, units).toWellFormed());
  };
  return [100, 400, 1000].flatMap((units) =>
    Array.from({ length: Math.ceil(points.length / blocksOfBody) }, (_, part) => {
      const some = points.slice(part * blocksOfBody, (part + 1) * blocksOfBody);
      return {
        name: `keywords of ${units} units of each block from U+${some[0]!.toString(16)}`,
        route: 'batch' as const,
        text: batchOf((at) => eventWith('metadata.keyword', keywordOf(some[at]!, units)), some.length, false),
        events: some.length,
      };
    }),
  );
}

/** One at a time: all of them at once would be a heap whose collections are measured, too. */
export function* bodyShapes(): Generator<BodyShape> {
  let turn = 0;
  for (const [name, value] of Object.entries(values)) {
    turn += 1;
    // Any of the places each: all of them would take minutes.
    for (const place of places.filter((_, at) => (at + turn) % 3 === 0))
      yield* each({
        name: `${place}: ${name}`,
        route: 'one',
        text: eventWith(place, value(bytes)),
        events: 1,
      });
    const place = ['metadata.keyword', 'properties', 'occurredAt', 'other'][turn % 4]!;
    for (const route of ['batch', 'lines'] as const) {
      const text = batchOf(() => eventWith(place, value(many.units)), many.events, route === 'lines');
      yield { name: `many times ${place}: ${name}`, route, text, events: many.events };
    }
    yield* each(
      { name: `body: ${name}`, route: 'one', text: value(bytes), events: 1 },
      { name: `batch: ${name}`, route: 'batch', text: value(bytes), events: 1 },
      { name: `line: ${name}`, route: 'lines', text: value(bytes), events: 1 },
      {
        name: `hashtags: ${name}`,
        route: 'post',
        text: `{"userId":1,"content":"c","hashtags":[${value(bytes)}]}`,
        events: 1,
      },
      {
        name: `all hashtags: ${name}`,
        route: 'post',
        text: `{"userId":1,"content":"c","hashtags":${value(bytes)}}`,
        events: 1,
      },
      { name: `content: ${name}`, route: 'post', text: `{"userId":1,"content":${value(bytes)}}`, events: 1 },
      {
        name: `images: ${name}`,
        route: 'post',
        text: `{"userId":1,"content":"c","imageUrls":${value(bytes)}}`,
        events: 1,
      },
      { name: `like: ${name}`, route: 'like', text: `{"userId":1,"postId":${value(bytes)}}`, events: 1 },
      { name: `replay: ${name}`, route: 'replay', text: `{"ids":${value(bytes)}}`, events: 1 },
    );
  }
  const names = Array.from({ length: 50 }, (_, at) => `"n${at}":1`).join(',');
  for (const route of ['batch', 'lines'] as const)
    yield* each(
      {
        name: 'events of unknown fields',
        route,
        text: batchOf(() => `{${names}}`, 300, route === 'lines'),
        events: 300,
      },
      {
        name: 'events wrong in every field',
        route,
        text: batchOf(() => wrongEvent('"SEARCH"'), 300, route === 'lines'),
        events: 300,
      },
      {
        name: 'events wrong in every field, the type too',
        route,
        text: batchOf(() => wrongEvent('"SEEK"'), 300, route === 'lines'),
        events: 300,
      },
      { name: 'too many events', route, text: batchOf(() => '1', bytes / 2, route === 'lines'), events: 1 },
    );
  yield* each(
    { name: 'blank lines', route: 'lines', text: '\n'.repeat(bytes), events: 1 },
    { name: 'lines of blanks', route: 'lines', text: '\t \r\n'.repeat(bytes / 4), events: 1 },
    { name: 'a line behind blanks', route: 'lines', text: `${' '.repeat(bytes)}1`, events: 1 },
    { name: 'JSON that breaks at its end', route: 'one', text: `{"a":"${'x'.repeat(bytes)}"`, events: 1 },
  );
  yield* everyBlock();
}

function* each(...shapes: BodyShape[]): Generator<BodyShape> {
  yield* shapes;
}
