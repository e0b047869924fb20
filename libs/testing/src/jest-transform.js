import { stripTypeScriptTypes } from 'node:module';

/** Node runs our TypeScript by stripping types; the tests run the very same code. */
export default {
  process: (source) => ({ code: stripTypeScriptTypes(source, { mode: 'strip' }) }),
};
