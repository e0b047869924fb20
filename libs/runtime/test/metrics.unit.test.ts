import { expect, test } from '@jest/globals';
import { createMetrics } from '../src/metrics/metrics.ts';

const sample = (text: string, name: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith(`event_tracker_${name}`))
    .map((line) => line.slice('event_tracker_'.length));

test('a counter is shown with what was added so far', async () => {
  const metrics = createMetrics('test');
  const taken = metrics.counter({ name: 'taken_total', help: 'Taken.', labels: ['lane'] });
  taken.of('fast').add();
  taken.of('fast').add(2);
  taken.of('durable').add(0);
  const text = await metrics.text();
  expect(sample(text, 'taken')).toEqual(['taken_total{lane="fast"} 3', 'taken_total{lane="durable"} 0']);
  expect(text).toContain('# TYPE event_tracker_taken_total counter');
});

test('a histogram counts each value in its bucket and in all above, and values that are met many times', async () => {
  const metrics = createMetrics('test');
  const sizes = metrics.histogram({ name: 'size', help: 'Sizes.', labels: [], bounds: [1, 10] });
  sizes.of().observe(1);
  sizes.of().observe(5, 3);
  sizes.of().observe(11);
  expect(sample(await metrics.text(), 'size')).toEqual([
    'size_bucket{le="1"} 1',
    'size_bucket{le="10"} 4',
    'size_bucket{le="+Inf"} 5',
    'size_sum 27',
    'size_count 5',
  ]);
});

test('what is read at the scrape leaves out what is not known', async () => {
  const metrics = createMetrics('test');
  metrics.read({
    type: 'gauge',
    name: 'waiting',
    help: 'Waiting.',
    labels: ['lane'],
    read: () => [
      ['fast', 7],
      ['durable', undefined],
    ],
  });
  expect(sample(await metrics.text(), 'waiting')).toEqual(['waiting{lane="fast"} 7']);
});

test('label values without end end in one series', async () => {
  const metrics = createMetrics('test');
  const requests = metrics.counter({ name: 'requests_total', help: 'Requests.', labels: ['a', 'b'] });
  for (let n = 0; n < 1000; n += 1) requests.of(`a-${n}`, 'b').add();
  const lines = sample(await metrics.text(), 'requests');
  expect(lines).toHaveLength(501);
  expect(lines.at(-1)).toBe('requests_total{a="other",b="other"} 500');
});

test('every name begins with the prefix, those of the Node process too', async () => {
  const text = await createMetrics('test').text();
  const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1]!);
  expect(names).toEqual(expect.arrayContaining(['event_tracker_nodejs_eventloop_lag_p99_seconds']));
  expect(names.filter((name) => !name.startsWith('event_tracker_'))).toEqual([]);
});

test('the build is told', async () => {
  const [line] = sample(await createMetrics('test').text(), 'build_info');
  expect(line).toMatch(/^build_info\{process="test",version="\d+\.\d+\.\d+",node="\d+\.\d+\.\d+"\} 1$/);
});
