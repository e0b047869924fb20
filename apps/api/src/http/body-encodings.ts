import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';
import type { BodyHold } from './body-budget.ts';
import { Problem, unavailable } from './problem.ts';

/** Reads one stream; `bytesWritten` is how many bytes of what it was given belong to it. */
type Decoder = (bytes: Buffer, options: { chunkSize: number }) => Transform & { bytesWritten: number };

/** RFC 9659's window for content encodings, 8 MiB: a frame may ask for 128 MiB of memory otherwise. */
const zstdParams = { [constants.ZSTD_d_windowLogMax]: 23 };

const decoders = {
  gzip: (_, options) => createGunzip(options),
  'x-gzip': (_, options) => createGunzip(options),
  br: (_, options) => createBrotliDecompress(options),
  // By RFC 9110 zlib's format; some send what is inside of it.
  deflate: (bytes, options) => (hasZlibHeader(bytes) ? createInflate : createInflateRaw)(options),
  zstd: (_, options) => createZstdDecompress({ ...options, params: zstdParams }),
} satisfies Record<string, Decoder>;

export type Encoding = keyof typeof decoders;

/** A body comes out of its decoder in pieces: one of 16 KiB each costs more than what is in it. */
const pieceBytes = { fewest: 16 << 10, most: 256 << 10 };
/** What a text becomes by decompression, about. */
const usualRatio = 8;

/** The encoding that a request names; throws a Problem, 415, for one that is not known. */
export function encodingOf(request: IncomingMessage): Encoding | 'identity' {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || Object.hasOwn(decoders, encoding)) return encoding as Encoding;
  throw new Problem(415, 'the content encoding is not supported', {
    headers: { 'accept-encoding': Object.keys(decoders).join(', ') },
  });
}

/** A body of zstd is one frame, or a frame for each time that its sender flushed: at most this number. */
const framesMax = 100;

/** Decompresses a body. Throws a Problem: 413 for more than `limit` bytes, 400 for what is not what it says it is. */
export async function decompress(
  bytes: Buffer,
  encoding: Encoding,
  limit: number,
  hold: BodyHold,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  let from = 0;
  for (let frames = 1; ; frames += 1) {
    from += await decodePart(bytes.subarray(from));
    if (from >= bytes.length) return Buffer.concat(chunks);
    // Node leaves what follows unread: events in it would be lost without a word.
    if (encoding !== 'zstd' || frames === framesMax)
      throw new Problem(400, `the body goes on after the end of its ${encoding}`);
  }

  /** Resolves with how many bytes of it were read. */
  function decodePart(part: Buffer): Promise<number> {
    const { fewest, most } = pieceBytes;
    const chunkSize = Math.min(Math.max(fewest, usualRatio * part.length), most);
    const decoder = decoders[encoding](part, { chunkSize });
    return new Promise((resolve, reject) => {
      function fail(problem: Problem): void {
        decoder.destroy();
        chunks.length = 0;
        reject(problem);
      }
      hold.refused = () => fail(tooManyBodies());
      decoder.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > limit)
          return fail(new Problem(413, `the body must be at most ${limit} bytes after decompression`));
        chunks.push(chunk);
        hold.add(chunk.length);
      });
      // Of gzip all members are read, and zeros behind them are padding.
      decoder.on('end', () => resolve(encoding.endsWith('gzip') ? part.length : decoder.bytesWritten));
      decoder.on('error', (cause: NodeJS.ErrnoException) => fail(problemOf(cause, encoding)));
      decoder.end(part);
    });
  }
}

export function tooManyBodies(): Problem {
  return unavailable('too many bodies are being read; send it again later');
}

function problemOf({ code }: NodeJS.ErrnoException, encoding: Encoding): Problem {
  return code === 'ZSTD_error_frameParameter_windowTooLarge'
    ? new Problem(413, 'the window of a zstd body must be at most 8 MiB')
    : new Problem(400, `the body is not valid ${encoding}`);
}

/** A raw stream does not begin so: a block that is stored has zeros where this has its method, 8. */
function hasZlibHeader(bytes: Buffer): boolean {
  return bytes.length > 1 && (bytes[0]! & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0;
}
