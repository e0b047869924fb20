/**
 * `node check-ready.ts VARIABLE DEFAULT`: exit code 0 when /readyz of this container's process says ready, at the port of
 * that variable on HOST. Asks the address that the process listens on, whichever family and interface that is.
 */
import { localUrl } from './local-url.ts';

const [variable = '', usual = ''] = process.argv.slice(2);
const { HOST, [variable]: port } = process.env;

const { ok } = await fetch(`${localUrl(HOST || '127.0.0.1', Number(port || usual))}/readyz`);
process.exit(ok ? 0 : 1);
