import { runProgram } from '@event-tracker/testing';

/** `npm run rebuild` with these variables alone. */
export const runRebuild = (env: Record<string, string>) => runProgram('apps/worker/src/rebuild.ts', env);
