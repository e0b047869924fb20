import { type EventType, strategies } from '@event-tracker/domain';
import type { LaneWatch } from '@event-tracker/queue';

/** What is measured against marks of its own. */
export const gauges = ['depth', 'age', 'memory', 'spill'] as const;
export type Gauge = (typeof gauges)[number];

/**
 *   open ◀──────▶ shedding ◀──────▶ closed
 *
 * `shedding`: the types that their strategies call `refusedFirst` are refused. `closed`: all are. The level rises as
 * soon as a gauge reaches a mark, and falls once it is a tenth below: so it does not change with every batch.
 */
export const levels = ['open', 'shedding', 'closed'] as const;
export type Level = (typeof levels)[number];

export interface Marks {
  shed: number;
  max: number;
}

/** Whether events of a type are taken. */
export type Admission = (eventType: EventType) => boolean;

const admissions: readonly Admission[] = [
  () => true,
  (eventType) => !strategies[eventType].refusedFirst,
  () => false,
];

export interface BackPressure {
  /** What is taken now: to be asked for once a request. */
  admission(): Admission;
  /** The highest level of any gauge. */
  level(): Level;
  levelOf(gauge: Gauge): Level;
}

/** Where events wait: on a lane, or committed and to be added up. */
const places = ['fast', 'durable', 'fold'] as const;

/** A share by which a gauge must fall below its mark before the level falls. */
const slack = 0.1;

/**
 * From here on, in percent of maxmemory, Redis refuses writes by itself or will in a moment: it counts as away, and the
 * durable lane takes what comes. Its memory is no reason to refuse then, for nothing is put there; `spill` bounds the rest.
 */
const fullPercent = 99;

/** Refuses events before what waits outgrows its stores: by how much waits, for how long, and what room is left. */
export function createBackPressure({
  watch,
  marks,
}: {
  watch: Pick<LaneWatch, 'depth' | 'lastKnown' | 'redisMemory'>;
  marks: Record<Gauge, Marks>;
}): BackPressure {
  const read: Record<Gauge, () => number> = {
    depth: () => places.reduce((sum, place) => sum + watch.lastKnown(place).waiting, 0),
    age: () => Math.max(...places.map((place) => watch.lastKnown(place).oldestSeconds)),
    memory: () => {
      const { usedBytes = 0, maxBytes = 0 } = watch.redisMemory() ?? {};
      const percent = maxBytes === 0 ? 0 : (usedBytes / maxBytes) * 100;
      return percent < fullPercent ? percent : 0;
    },
    spill: () => watch.lastKnown('durable').waiting,
  };
  // As indexes of `levels`: they are compared for every request.
  const at: Record<Gauge, number> = { depth: 0, age: 0, memory: 0, spill: 0 };

  function now(): number {
    let highest = 0;
    for (const gauge of gauges) {
      at[gauge] = next(at[gauge], read[gauge](), marks[gauge]);
      if (at[gauge] > highest) highest = at[gauge];
    }
    // What was added since counts at once, and may be counted twice for a moment: it raises no level that stays.
    return Math.max(highest, next(0, watch.depth(), marks.depth));
  }

  return {
    admission: () => admissions[now()]!,
    level: () => levels[now()]!,
    levelOf(gauge) {
      now();
      return levels[at[gauge]]!;
    },
  };
}

function next(level: number, value: number, { shed, max }: Marks): number {
  if (value >= max || (level === 2 && value >= max * (1 - slack))) return 2;
  if (value >= shed || (level >= 1 && value >= shed * (1 - slack))) return 1;
  return 0;
}
