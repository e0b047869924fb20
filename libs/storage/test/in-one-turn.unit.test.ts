import { expect, test } from '@jest/globals';
import { inOneTurn } from '../src/redis/in-one-turn.ts';

const group = { name: 'a' };
const other = { name: 'b' };

function recorded(itemsMax = 10) {
  const calls: [object, readonly string[]][] = [];
  const ask = inOneTurn(async (of: object, items) => {
    calls.push([of, items]);
    return items.map((item) => `${item}!`);
  }, itemsMax);
  return { calls, ask };
}

test('what is asked in one turn is one call a group, each item once', async () => {
  const { calls, ask } = recorded();
  const answers = await Promise.all([ask(group, 'x'), ask(other, 'x'), ask(group, 'y'), ask(group, 'x')]);
  expect(answers).toEqual(['x!', 'x!', 'y!', 'x!']);
  expect(calls).toEqual([
    [group, ['x', 'y']],
    [other, ['x']],
  ]);
});

test('what is asked while a call is under way is asked anew', async () => {
  const { calls, ask } = recorded();
  const first = ask(group, 'x');
  await new Promise((resolve) => setImmediate(resolve));
  await Promise.all([first, ask(group, 'x')]);
  expect(calls).toEqual([
    [group, ['x']],
    [group, ['x']],
  ]);
});

test('a call takes no more items than it may', async () => {
  const { calls, ask } = recorded(2);
  await Promise.all(['a', 'b', 'c', 'b', 'd', 'e'].map((item) => ask(group, item)));
  expect(calls.map(([, items]) => items)).toEqual([
    ['a', 'b'],
    ['c', 'b'],
    ['d', 'e'],
  ]);
});

test('a call that fails fails for everybody who asked, and for nobody else', async () => {
  let calls = 0;
  const ask = inOneTurn(async () => {
    calls += 1;
    if (calls === 1) throw new Error('away');
    return ['there'];
  }, 10);
  const asked = await Promise.allSettled([ask(group, 'x'), ask(group, 'y')]);
  expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await ask(group, 'x')).toBe('there');
});
