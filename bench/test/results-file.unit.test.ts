import { expect, test } from '@jest/globals';
import { withSections } from '../kit/results-file.ts';

const order = ['accept', 'drain', 'size'];
const text = `# Results

Some words.

## drain

old figures

## What was tried

By hand: ## is no heading here.
`;

test('a section that is there is replaced, and everything else stays', () => {
  const written = withSections(text, new Map([['drain', 'new figures']]), order);
  expect(written).toBe(text.replace('old', 'new'));
});

test('a new section takes its place among the parts, before what is written by hand', () => {
  const written = withSections(
    text,
    new Map([
      ['size', 's'],
      ['accept', 'a'],
    ]),
    order,
  );
  expect(written.match(/^## .*/gm)).toEqual(['## accept', '## drain', '## size', '## What was tried']);
  expect(withSections(written, new Map([['size', 's']]), order)).toBe(written);
});
