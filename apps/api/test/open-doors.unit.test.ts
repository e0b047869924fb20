import { expect, test } from '@jest/globals';
import { openDoors } from '../src/open-doors.ts';

const open = {
  HOST: '0.0.0.0',
  WRITE_KEYS: [],
  API_KEYS: [],
  METRICS_AUTH: 'open' as const,
};

test('on a public interface everything that is open is told', () => {
  expect(openDoors(open).map((door) => door.split(' ')[0])).toEqual([
    'WRITE_KEYS',
    'API_KEYS',
    'METRICS_AUTH',
  ]);
});

test('what is closed is not told', () => {
  const keys = { WRITE_KEYS: ['a'], API_KEYS: ['b'], METRICS_AUTH: 'admin' as const };
  expect(openDoors({ ...open, ...keys })).toEqual([]);
});

test.each(['127.0.0.1', '127.0.1.1', '::1', 'localhost'])('on %s alone nobody else comes in', (HOST) => {
  expect(openDoors({ ...open, HOST })).toEqual([]);
});

test.each(['::', '192.0.2.7', '2001:db8::1', 'shop.example.com', '::ffff:192.0.2.7'])(
  'on %s others come in, and it is told',
  (HOST) => {
    expect(openDoors({ ...open, HOST })).toHaveLength(3);
  },
);
