import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { Problem } from './problem.ts';

export interface BodyLimits {
  /** As sent, in bytes. */
  sentMax: number;
  /** After decompression, in bytes. */
  inflatedMax: number;
}

export interface Body {
  mediaType: string;
  text: string;
}

const decoders = { gzip: promisify(gunzip), br: promisify(brotliDecompress), deflate: promisify(inflate) };
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a request's body as text. Throws a Problem: 415 for a media type that is not among `mediaTypes`, a charset
 * other than UTF-8 or an unknown encoding, 413 for more than the limits, 400 for what is not what it says it is.
 */
export async function readBody(
  request: IncomingMessage,
  mediaTypes: readonly string[],
  limits: BodyLimits,
): Promise<Body> {
  const mediaType = readMediaType(request.headers['content-type'], mediaTypes);
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity' && !Object.hasOwn(decoders, encoding)) {
    throw new Problem(415, `content encoding ${JSON.stringify(encoding)} is not supported`, {
      headers: { 'accept-encoding': 'gzip, br, deflate' },
    });
  }
  let bytes = await readBytes(request, limits.sentMax);
  if (encoding !== 'identity')
    bytes = await decompress(bytes, encoding as keyof typeof decoders, limits.inflatedMax);
  return { mediaType, text: decode(bytes) };
}

function readMediaType(header: string | undefined, known: readonly string[]): string {
  const [type = '', ...parameters] = (header ?? '').split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  if (!known.includes(type))
    throw new Problem(415, `the media type must be ${known.join(' or ')}`, acceptHeader(known));
  if (charset !== undefined && !/^"?utf-?8"?$/.test(charset)) {
    throw new Problem(415, 'the charset must be utf-8', acceptHeader(known));
  }
  return type;
}

function acceptHeader(known: readonly string[]) {
  return { headers: { accept: known.join(', ') } };
}

function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  // The connection stays open, and Node drops the rest of the body as it comes: a client that is cut off while it still
  // sends sees a broken pipe instead of the answer.
  const tooLarge = () => new Problem(413, `the body must be at most ${limit} bytes as sent`);
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit) {
        request.removeAllListeners('data');
        reject(tooLarge());
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length)));
    request.on('error', () => reject(new Problem(400, 'the body ended too early')));
  });
}

async function decompress(bytes: Buffer, encoding: keyof typeof decoders, limit: number): Promise<Buffer> {
  try {
    return (await decoders[encoding](bytes, { maxOutputLength: limit })) as Buffer;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new Problem(413, `the body must be at most ${limit} bytes after decompression`);
    }
    throw new Problem(400, `the body is not valid ${encoding}`);
  }
}

function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Problem(400, 'the body is not valid UTF-8');
  }
}
