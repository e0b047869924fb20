import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PoolClient } from '@event-tracker/storage';
import { UserError } from '../user-error.ts';
import { copyIfThere, eachOf, type KeptFile, writeKept } from './copy-files.ts';
import { segmentsBetween } from './wal-segments.ts';

export interface ClusterToCopy {
  /** A session of a superuser, of its own: the server ends the copy when it ends. */
  client: PoolClient;
  /** The data folder of the running server. */
  cluster: string;
  /** The backup's folder; the copy's files are below `name` in it. */
  target: string;
  name: string;
  /** Runs `end`, which fixes the moment that the copy stands for: all that was committed before it is in the copy. */
  cut: (end: () => Promise<Ending>) => Promise<Ending>;
  signal: AbortSignal;
}

export interface ClusterCopy {
  files: KeptFile[];
  folders: string[];
  /** Where in the write-ahead log the copy ends. */
  lsn: string;
}

interface Ending {
  lsn: string;
  label: string;
  tablespaces: string;
}

/** What belongs to the running server, or is made anew at every start. As pg_basebackup leaves it out. */
const notCopied =
  /^(postmaster\.(pid|opts)|backup_label(\.old)?|tablespace_map(\.old)?|backup_manifest|pg_internal\.init.*|pgsql_tmp.*|.*\.tmp|current_logfiles.*)$/;
const emptied = new Set([
  'pg_wal',
  'pg_dynshmem',
  'pg_notify',
  'pg_replslot',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]);
const control = 'global/pg_control';

/**
 * Copies the files of a running PostgreSQL so that a server that starts on them recovers to the moment of the cut. Its
 * pages are torn where it wrote meanwhile: between pg_backup_start and pg_backup_stop the log holds each page whole, and
 * backup_label tells the new server to begin there. A replication slot of this session keeps the log from being removed
 * while the files are copied.
 */
export async function copyCluster(options: ClusterToCopy): Promise<ClusterCopy> {
  const { client, cluster, target, name, cut, signal } = options;
  const ask = async <Row extends object>(sql: string, values: unknown[] = []): Promise<Row> =>
    (await client.query<Row>(sql, values)).rows[0]!;
  await ask('select pg_create_physical_replication_slot($1, true, true)', [
    `event_tracker_backup_${process.pid}`,
  ]);
  await ask("select pg_backup_start('event-tracker', fast => true)");

  const { paths, folders } = filesOf(cluster);
  const files: KeptFile[] = [];
  const keep = async (path: string) => {
    signal.throwIfAborted();
    const kept = await copyIfThere(join(cluster, path), join(target, name, path));
    // A table or an index was dropped meanwhile: the log says so, too.
    if (kept) files.push({ path: `${name}/${path}`, ...kept });
  };
  for (const folder of folders) mkdirSync(join(target, name, folder), { recursive: true, mode: 0o700 });
  await eachOf(paths, keep);
  files.push(await writeKept(target, `${name}/${control}`, readControl(join(cluster, control))));
  signal.throwIfAborted();

  const { lsn, label, tablespaces } = await cut(() =>
    ask<Ending>(
      'select lsn::text, labelfile as label, spcmapfile as tablespaces from pg_backup_stop(wait_for_archive => false)',
    ),
  );
  if (tablespaces !== '')
    throw new UserError('The database has tablespaces outside of its folder: back it up with pg_basebackup.');
  files.push(await writeKept(target, `${name}/backup_label`, label));

  const { last, bytes } = await ask<{ last: string; bytes: number }>(
    "select pg_walfile_name($1::pg_lsn) as last, setting::int8 as bytes from pg_settings where name = 'wal_segment_size'",
    [lsn],
  );
  const first = /^START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)$/m.exec(label)?.[1] ?? '';
  const histories = readdirSync(join(cluster, 'pg_wal')).filter((file) => file.endsWith('.history'));
  for (const file of [...histories, ...segmentsBetween(first, last, bytes)]) {
    const kept = await copyIfThere(join(cluster, 'pg_wal', file), join(target, name, 'pg_wal', file));
    if (!kept) throw new UserError(`PostgreSQL has removed ${file} of its log while it was copied.`);
    files.push({ path: `${name}/pg_wal/${file}`, ...kept });
  }
  return { files, folders: folders.map((folder) => `${name}/${folder}`), lsn };
}

/** The files to copy and all folders, as they are now, relative to the cluster. What comes later is in the log. */
function filesOf(cluster: string): { paths: string[]; folders: string[] } {
  const paths: string[] = [];
  const folders: string[] = [];
  const look = (folder: string) => {
    for (const entry of readdirSync(join(cluster, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (notCopied.test(entry.name) || path === control) continue;
      if (entry.isDirectory()) {
        folders.push(path);
        if (!emptied.has(path)) look(path);
      } else if (entry.isFile()) paths.push(path);
    }
  };
  look('');
  return { paths, folders };
}

/** The server may write it while it is read: what two looks agree on is whole. */
function readControl(file: string): Buffer {
  for (let before = readFileSync(file); ; ) {
    const now = readFileSync(file);
    if (now.equals(before)) return now;
    before = now;
  }
}
