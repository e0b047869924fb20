import { expect, test } from '@jest/globals';
import pg from 'pg';
import { classifyFailure, failureCode, SoundEventsFail } from '../src/postgres/failure.ts';

function failure(code: string, constraint?: string): pg.DatabaseError {
  const cause = new pg.DatabaseError('no', 2, 'error');
  cause.code = code;
  cause.constraint = constraint;
  return cause;
}

test.each([
  ['a NUL in a text', failure('22021'), 'data', '22021'],
  ['a row that breaks a named check', failure('23514', 'no_thirteen'), 'data', '23514'],
  ['a key that no index takes', failure('54000'), 'data', '54000'],
  ['a day without a partition', failure('23514'), 'missing-partition', '23514'],
  ['a deadlock', failure('40P01'), 'conflict', '40P01'],
  ['a lock that somebody holds', failure('55P03'), 'conflict', '55P03'],
  ['a statement that took too long', failure('57014'), 'too-much', '57014'],
  ['no memory for it', failure('53200'), 'too-much', '53200'],
  ['a page that can not be read', failure('XX001'), 'too-much', 'XX001'],
  ['an answer that did not come', new Error('Query read timeout'), 'too-much', 'timeout'],
  ['a full disk', failure('53100'), 'away', '53100'],
  ['no connection left', failure('53300'), 'away', '53300'],
  ['an end by an operator', failure('57P01'), 'away', '57P01'],
  ['a standby', failure('25006'), 'away', '25006'],
  ['a lost connection', new Error('Connection terminated unexpectedly'), 'away', 'Error'],
  ['no connection in time', new Error('timeout exceeded when trying to connect'), 'away', 'Error'],
  ['what a trigger raises', failure('P0001'), 'other', 'P0001'],
  ['a mistake of ours', new TypeError('x is undefined'), 'other', 'TypeError'],
  ['a database that takes no event', new SoundEventsFail('no'), 'other', 'SoundEventsFail'],
])('%s', (_, cause, kind, code) => {
  expect([classifyFailure(cause), failureCode(cause)]).toEqual([kind, code]);
});
