import { statSync } from 'node:fs';
import { relative } from 'node:path';

/**
 * The order of the files, which Jest would know only from an earlier run. Those of whole systems are the longest, and
 * wait for locks and starts: they begin early, each followed by two others that use the cores meanwhile. Unit tests fill
 * the end, so that no core is idle while a long file is still under way.
 */
export default function createSequencer() {
  return {
    sort(tests) {
      const groups = Object.groupBy([...tests].sort(largestFirst), kindOf);
      const [long, short] = [groups.system ?? [], groups.stores ?? []];
      const dealt = long.flatMap((test, at) => [test, ...short.slice(2 * at, 2 * at + 2)]);
      return [...dealt, ...short.slice(2 * long.length), ...(groups.unit ?? [])];
    },
    allFailedTests: (tests) => tests,
    cacheResults() {},
  };
}

function kindOf({ path, context }) {
  if (path.endsWith('.unit.test.ts')) return 'unit';
  const isOfSystem = /^(test|infra)[\\/].*\.e2e\./.test(relative(context.config.rootDir, path));
  return isOfSystem ? 'system' : 'stores';
}

const largestFirst = (one, other) => statSync(other.path).size - statSync(one.path).size;
