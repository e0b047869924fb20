import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTestFolder } from '@event-tracker/testing';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { isUnfinished, type Replacement, refuseUnfinished, replaceData } from '../src/backup/replace-data.ts';

let dataDir: string;
let remove: () => void;
/** The mark, two for each of the two places, the mark again, and what was replaced. */
const steps = 7;

beforeEach(() => {
  ({ path: dataDir, remove } = createTestFolder());
});
afterEach(() => remove());

/** A folder and a file of the old data, and of the new beside them. */
function stage(): Replacement[] {
  const at = (name: string) => join(dataDir, name);
  for (const [folder, text] of [
    ['cluster', 'old'],
    ['cluster.restored', 'new'],
  ] as const) {
    rmSync(at(folder), { recursive: true, force: true });
    mkdirSync(at(folder));
    writeFileSync(join(at(folder), 'rows'), text);
  }
  writeFileSync(at('token'), 'old');
  writeFileSync(at('token.restored'), 'new');
  return ['cluster', 'token'].map((name) => ({ staged: at(`${name}.restored`), place: at(name) }));
}

const contents = () => [
  readFileSync(join(dataDir, 'cluster', 'rows'), 'utf8'),
  readFileSync(join(dataDir, 'token'), 'utf8'),
];

test('all that is staged is in its place, and nothing is left beside it', async () => {
  let taken = 0;
  await replaceData(dataDir, stage(), () => {
    taken += 1;
  });
  expect(contents()).toEqual(['new', 'new']);
  expect(readdirSync(dataDir).toSorted()).toEqual(['cluster', 'token']);
  expect(taken).toBe(steps);
});

test.each(Array.from({ length: steps }, (_, at) => at))(
  'a crash at step %d is told to npm start, unless the data is whole; running it again ends it',
  async (crashAt) => {
    let at = 0;
    const crash = () => {
      if (at++ === crashAt) throw new Error('a crash');
    };
    await expect(replaceData(dataDir, stage(), crash)).rejects.toThrow('a crash');
    if (isUnfinished(dataDir)) {
      expect(() => refuseUnfinished(dataDir)).toThrow(/A restore \(20.*\) was interrupted/);
      // Old and new are there, in one place or another.
      const left = readdirSync(dataDir, { recursive: true, encoding: 'utf8' });
      const texts = left
        .filter((path) => /rows$|^token/.test(path))
        .map((path) => readFileSync(join(dataDir, path), 'utf8'));
      expect(texts.filter((text) => text === 'new')).toHaveLength(2);
      expect(texts.filter((text) => text === 'old')).toHaveLength(2);
    } else expect(new Set(contents()).size).toBe(1);

    // As the command does: everything is staged again.
    const again = ['cluster', 'token'].map((name) => ({
      staged: join(dataDir, `${name}.restored`),
      place: join(dataDir, name),
    }));
    rmSync(join(dataDir, 'cluster.restored'), { recursive: true, force: true });
    mkdirSync(join(dataDir, 'cluster.restored'));
    writeFileSync(join(dataDir, 'cluster.restored', 'rows'), 'new');
    writeFileSync(join(dataDir, 'token.restored'), 'new');
    await replaceData(dataDir, again);
    expect(contents()).toEqual(['new', 'new']);
    expect(readdirSync(dataDir).toSorted()).toEqual(['cluster', 'token']);
    expect(() => refuseUnfinished(dataDir)).not.toThrow();
  },
);
