export { batchVersion, decodeBatch, encodeBatch, UnknownPayload } from './batch-codec.ts';
export type { ExecuteSql } from './boss.ts';
export type { Consumer } from './bull-worker.ts';
export { createDurableLane, type DurableLane } from './durable-lane.ts';
export { startDurableLaneConsumer } from './durable-lane-consumer.ts';
export { createFastLane, type FastLane } from './fast-lane.ts';
export { startFastLaneConsumer } from './fast-lane-consumer.ts';
export { createGroupCommit, type GroupCommit, GroupCommitFull, GroupCommitLate } from './group-commit.ts';
export {
  type BuriedJob,
  type DeliveredJob,
  handleJob,
  type JobHandlers,
  NeedsTrial,
  Unprocessable,
} from './handle-job.ts';
export { createHeldJobs, type HeldJobs } from './held-jobs.ts';
export { type LaneContents, readDurableLane, readFastLane, readQuarantine } from './lane-contents.ts';
export {
  fastLaneWaits,
  type LaneMeasure,
  measureDurableLane,
  measureFastLane,
  measureQuarantine,
} from './lane-measures.ts';
export { isReplicaError, type LaneRedisWatch, readLaneRefusal, watchLaneRedis } from './lane-redis.ts';
export { type LaneStates, readBullStates, readDurableStates } from './lane-states.ts';
export { createLaneWatch, type LaneName, type LaneReading, type LaneWatch } from './lane-watch.ts';
export { listenOn } from './listen.ts';
export {
  durableLaneName,
  fastLaneName,
  jobIdOf,
  lanePrefix,
  quarantineName,
  readJobId,
  scheduleName,
} from './names.ts';
export { createQuarantine, type Quarantine } from './quarantine.ts';
export { type BadEvent, startQuarantineConsumer, type TrialOutcome } from './quarantine-consumer.ts';
export { type RedisMemory, readRedisMemory } from './redis-memory.ts';
export { type Removal, removeJob } from './remove-job.ts';
export { type Chore, type ScheduleOptions, startSchedule } from './schedule.ts';
export { createSpillLane, type SpillLane } from './spill-lane.ts';
