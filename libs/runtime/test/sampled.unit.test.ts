import { until } from '@event-tracker/testing';
import { expect, test } from '@jest/globals';
import { createSampled } from '../src/sampled.ts';

test('what did not answer is not known, and is asked again long before it is due', async () => {
  let asked = 0;
  const causes: unknown[] = [];
  const sampled = createSampled({
    everyMs: 3_600_000,
    async ask() {
      asked += 1;
      if (asked === 1) throw new Error('away');
      return asked;
    },
    onError: (cause) => causes.push(cause),
  });
  try {
    await until(() => causes.length === 1);
    expect(sampled.latest()).toBeUndefined();
    await until(() => sampled.latest() === 2);
  } finally {
    await sampled.close();
  }
});
